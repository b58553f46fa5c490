"""Whatever is not true or false is an error, never a silent false; CEL's own rule on `&&` and `||` stays."""

import pytest

from kubeapprove.cel import CelError, compile_condition
from tests.cel.make import facts, holds

FAIL = {
    "a key that is not there": ("object.b == 1", {"a": 1}, "field that is not there"),
    "an item that is not there": ("object.a[3] == 1", {"a": [1]}, "item that is not there"),
    "a field of null": ("object.a == 1", None, "field of something that has none"),
    "presence in null": ("has(object.a)", None, "field of something that has none"),
    "another type": ("object.a + 1 == 2", {"a": "1"}, "another type"),
    "overflow": ("object.a + 9223372036854775807 > 0", {"a": 1}, "out of range"),
    "division by zero": ("1 / object.a == 1", {"a": 0}, "divides by zero"),
    "no number": ("int(object.a) == 1", {"a": "one"}, "could not be evaluated"),
    "no time": ("timestamp(object.a) > timestamp('2026-01-01T00:00:00Z')", {"a": "x"}, "could not be evaluated"),
    "in one item of many": ("object.a.all(x, x.b == 1)", {"a": [{"b": 1}, {}]}, "field that is not there"),
    "a string": ("object.a", {"a": "true"}, "no boolean"),
    "a number": ("object.a", {"a": 1}, "no boolean"),
    "a null": ("object.a", {"a": None}, "no boolean"),
    "a map": ("object", {}, "no boolean"),
    "an optional": ("dyn(object.?a)", {"a": True}, "could not be evaluated"),
}


@pytest.mark.parametrize(("text", "obj", "reason"), FAIL.values(), ids=FAIL)
def test_an_error(text: str, obj: object, reason: str) -> None:
    with pytest.raises(CelError, match=reason):
        holds(text, obj)


@pytest.mark.parametrize(("text", "obj", "reason"), FAIL.values(), ids=FAIL)
def test_the_next_one_is_judged_as_if_nothing_had_been(text: str, obj: object, reason: str) -> None:
    condition, given = compile_condition(text), facts(obj)
    for _ in range(2):
        with pytest.raises(CelError, match=reason):
            condition.holds(given)
    assert compile_condition("object == object").holds(given)


def test_what_decides_anyway_decides() -> None:
    assert holds("object.b == 1 || true", {}) is True
    assert holds("true || object.b == 1", {}) is True
    assert holds("object.b == 1 && false", {}) is False
    assert holds("object.a.exists(x, x.b == 1)", {"a": [{}, {"b": 1}]}) is True
    assert holds("object.a.all(x, x.b == 1)", {"a": [{}, {"b": 2}]}) is False


def test_a_library_that_raises() -> None:
    with pytest.raises(CelError, match="more than 10,000 iterations"):
        holds("object.a.all(x, x >= 0)", {"a": list(range(10_001))})
