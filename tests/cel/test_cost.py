"""A condition ends quickly whatever the objects are: what might not is refused before it runs."""

import itertools
import time
from typing import Any

import pytest

from kubeapprove.cel import CelError, compile_condition
from tests.cel.make import containers, facts

LONG = "ab" * 500_000
MANY = list(range(9_900))
WORDS = {f"k{index}": "a" * 5_000 for index in range(200)}


def _doubled(start: str, times: int, step: str) -> str:
    names = [f"a{index}" for index in range(times)]
    bound = [f"cel.bind({names[0]}, {start}, "]
    bound += [f"cel.bind({new}, {step.replace('@', old)}, " for old, new in itertools.pairwise(names)]
    return "".join(bound) + f"{names[-1]} == {names[-1]}" + ")" * times


NEVER = {
    "a string doubled by name": _doubled("object.a", 20, "@ + @"),
    "a literal doubled by name": _doubled("'x'", 20, "@ + @"),
    "a list that holds itself twice": _doubled("[object.a]", 20, "[@, @]"),
    "a list doubled by map": "[object.a]" + ".map(a, [a, a])" * 18 + ".exists(a, a == a)",
    "a literal doubled by map": "[1]" + ".map(a, [a, a])" * 18 + ".exists(a, a == a)",
    "a map that holds itself twice": _doubled("object.a", 20, "{'a': @, 'b': @}"),
    "a pattern from the object": "object.a.matches(object.b)",
    "a text to find from the object": "object.a.contains(object.b)",
    "a pattern put together": "object.a.matches('a' + 'b')",
    "counted repetitions": "object.a.matches('((a{10}){10}){9}')",
    "Unicode classes": r"object.a.matches('\\pL+')",
    "a long pattern": "object.a.matches('" + "a" * 257 + "')",
}


@pytest.mark.parametrize("text", NEVER.values(), ids=NEVER)
def test_refused_when_compiled(text: str) -> None:
    started = time.thread_time()
    with pytest.raises(CelError, match=r"without bound|not a literal|pattern of matches"):
        compile_condition(text)
    assert time.thread_time() - started < 1


LARGE: dict[str, tuple[str, Any, Any]] = {
    "each of a list in another": ("object.a.exists(x, x in oldObject.a)", {"a": [-1] * 1000}, {"a": MANY * 10}),
    "two lists compared each time": ("object.a.all(x, object.a == oldObject.a)", {"a": MANY}, {"a": MANY}),
    "two long texts compared each time": ("object.a.all(x, object.b == oldObject.b)", {"a": MANY, "b": LONG}, {"b": LONG}),
    "a long text searched each time": ("object.a.exists(x, oldObject.b.matches('^a+$'))", {"a": MANY}, {"b": LONG}),
    "a long text sought each time": ("object.a.exists(x, oldObject.b.contains('aab'))", {"a": MANY}, {"b": LONG}),
    "a long text measured each time": ("object.a.exists(x, size(oldObject.b) == 1)", {"a": MANY}, {"b": LONG}),
    "a long text copied each time": ("object.a.all(x, oldObject.b + 'x' != '')", {"a": MANY}, {"b": LONG}),
    "a pattern compiled each time": ("object.a.all(x, 'a'.matches('^[a-z]+(/[a-z]+)*$'))", {"a": MANY}, None),
    "every item filtered": ("object.a.filter(x, x > 1) != []", {"a": MANY}, None),
    "every item mapped": ("object.a.map(x, x) != []", {"a": MANY}, None),
    "lists made of lists": ("object.a.map(x, object.a) == object.a.map(x, oldObject.a)", {"a": MANY[:1000]}, {"a": MANY[:1000]}),
    "an outer item in an inner loop": ("object.a.all(x, oldObject.a.all(y, x.matches('^a+$')))", {"a": [LONG]}, {"a": MANY}),
    "an inner list in an outer loop": ("object.a.all(x, oldObject.a.all(y, y.matches('^a+$')))", {"a": MANY[:5000]}, {"a": [LONG]}),
    "a loop in a loop": ("object.a.all(x, object.a.all(y, y.b == x.b))", {"a": [{"b": MANY}] * 100}, None),
    "a long needle": ("object.a.contains('" + "a" * 2000 + "b')", {"a": "a" * 3_000_000}, None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "obj", "old"), LARGE.values(), ids=LARGE)
def test_refused_for_these_objects(text: str, obj: Any, old: Any) -> None:
    condition = compile_condition(text)
    started = time.thread_time()
    with pytest.raises(CelError, match="too long on objects of this size"):
        condition.holds(facts(obj, old))
    assert time.thread_time() - started < 1


ORDINARY: dict[str, tuple[str, Any, Any]] = {
    "a name beside a megabyte": ("object.name.matches('^[a-z-]+$')", {"name": "a", "data": {"b": LONG}}, None),
    "what changed, with a megabyte": ("object.name == oldObject.name", {"name": "a", "b": LONG}, {"name": "a", "b": LONG}),
    "a whole megabyte compared": ("object.b == oldObject.b", {"b": LONG}, {"b": LONG}),
    "a megabyte in two hundred keys": ("object.all(k, k.startsWith('k'))", WORDS, None),
    "the same, searched": ("object.exists(k, k.matches('^k1+$'))", WORDS, None),
    "as many items as iterations": ("object.a.all(x, x >= 0)", {"a": MANY}, None),
    "pairs of sixty": ("object.a.all(x, oldObject.a.exists(y, y.n == x.n))",
                       {"a": [{"n": str(n)} for n in range(60)]}, {"a": [{"n": str(n)} for n in range(60)]}),
    "environment of fifty containers": (
        "object.spec.template.spec.containers.all(c, c.env.all(e, !e.name.matches('PASSWORD|TOKEN')))", containers(50), None),
    "images of fifty containers": (
        r"object.spec.template.spec.containers.all(c, c.image.matches('^registry\\.example/[a-z0-9/-]+:[0-9.]+$'))",
        containers(50), None),
    "names of fifty containers": (
        "object.spec.template.spec.containers.map(c, c.name) == oldObject.spec.template.spec.containers.map(c, c.name)",
        containers(50), containers(50)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "obj", "old"), ORDINARY.values(), ids=ORDINARY)
def test_ordinary_ones_pass(text: str, obj: Any, old: Any) -> None:
    assert compile_condition(text).holds(facts(obj, old))


def test_the_estimate_is_made_once_for_all_conditions_on_the_same_variables() -> None:
    given = facts({"a": MANY})
    assert given.size("object") is given.size("object")
    assert (given.size("object").values, given.size("object").longest) == (len(MANY) + 2, len(MANY))


def test_a_condition_too_long_for_any_object() -> None:
    loops = "[1,2,3,4,5,6,7,8,9,10].all(x, " * 4
    bodies = " && ".join(f"'a'.matches('^[a-z]+{index}$')" for index in range(40))
    with pytest.raises(CelError, match="too long on any object"):
        compile_condition(f"{loops}{bodies}{')' * 4}")
