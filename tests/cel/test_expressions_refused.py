"""What is no condition is refused when it is compiled, with the place and one plain line."""

import pytest

from kubeapprove.cel import MAX_EXPRESSION, CelError, compile_condition

REFUSED = {
    "nothing": ("", "line 1, column 1"),
    "unfinished": ("object.a ==", "line 1, column 12"),
    "in the second line": ("object.a\n== nope", "line 2, column 4: undeclared reference to 'nope'"),
    "unknown variable": ("old_object == null", "undeclared reference to 'old_object'"),
    "unknown function": ("object.a.nope()", "undeclared reference to 'nope'"),
    "two expressions": ("true; false", "line 1, column 5"),
    "types that do not fit": ("'a' + 1 == 'a1'", "no matching overload"),
    "a number": ("1", "not a boolean"),
    "a null": ("null", "not a boolean"),
    "an optional": ("object.?a", "not a boolean"),
    "too long": ("true" + " " * MAX_EXPRESSION, "longer than 2048 characters"),
    "too many brackets": ("(" * 40 + "true" + ")" * 40, "nested too deeply"),
    "too many fields": ("object" + ".a" * 1000 + " == 1", "nested too deeply"),
    "a NUL": ("'\0' == 'a'", "holds a NUL"),
    "half a surrogate pair": ("'\ud800' == 'a'", "surrogate"),
    "an integer beyond 64 bits": ("object.a == 99999999999999999999", "invalid int literal"),
    "a loop that hides a variable": ("[1].all(object, .object.a == 1)", "name of a variable to something else"),
    "a name that hides a variable": ("cel.bind(request, 1, request == 1)", "name of a variable to something else"),
    "a function that copies without bound": ("object.a.replace('a', 'b') == ''", "conditions do not have"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(CelError, match=reason) as error:
        compile_condition(text)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_what_draws_nothing_is_escaped() -> None:
    with pytest.raises(CelError) as error:
        compile_condition("\u202etrue\x1b[2J")
    assert str(error.value).isascii()


def test_as_long_as_may_be() -> None:
    compile_condition("true".ljust(MAX_EXPRESSION))
