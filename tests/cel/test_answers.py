"""What conditions see and say."""

import pytest

from tests.cel.make import containers, holds

DEPLOYMENT = containers(6)
ALL_OURS = 'object.spec.template.spec.containers.all(c, c.image.startsWith("registry.example/"))'

TRUE = {
    "every container": (ALL_OURS, DEPLOYMENT),
    "no object": ("object == null && oldObject == null", None),
    "a field that is there": ("has(object.kind) && !has(object.status)", DEPLOYMENT),
    "a field that may be absent": ("object.?metadata.labels.orValue({}) == {}", DEPLOYMENT),
    "an optional that is mapped": ("object.?kind.optMap(k, k + '!').orValue('') == 'Deployment!'", DEPLOYMENT),
    "an optional index": ("!object[?'status'].hasValue()", DEPLOYMENT),
    "a name for a value": ("cel.bind(k, object.kind, k == k && k != '')", DEPLOYMENT),
    "lower case": ("object.kind.lowerAscii().substring(0, 6) == 'deploy'", DEPLOYMENT),
    "a list of what is allowed": ("object.kind in ['Deployment', 'StatefulSet']", DEPLOYMENT),
    "a regular expression": (r"object.kind.matches('^[A-Z][a-z]+$')", DEPLOYMENT),
    "names of the containers": (
        "'c1' in object.spec.template.spec.containers.map(c, c.name)",
        DEPLOYMENT,
    ),
    "how many fit": ("size(object.spec.template.spec.containers.filter(c, c.name != 'c1')) == 5", DEPLOYMENT),
    "exactly one": ("object.spec.template.spec.containers.exists_one(c, c.name == 'c1')", DEPLOYMENT),
    "loop in a loop": (
        "object.spec.template.spec.containers.all(c, c.env.all(e, !e.name.matches('PASSWORD|TOKEN')))",
        DEPLOYMENT,
    ),
    "a map of its own": ("{'a': object.kind} == {'a': 'Deployment'}", DEPLOYMENT),
    "time": ("timestamp(object.at).getHours() == 10", {"at": "2026-01-01T10:00:00Z"}),
    "a type": ("type(object.a) == string", {"a": ""}),
    "a value that is a boolean": ("object.a", {"a": True}),
    "dyn": ("dyn(object.a) == 1", {"a": 1}),
}


@pytest.mark.parametrize(("text", "obj"), TRUE.values(), ids=TRUE)
def test_true(text: str, obj: object) -> None:
    assert holds(text, obj) is True


@pytest.mark.parametrize(("text", "obj"), TRUE.values(), ids=TRUE)
def test_its_negation_is_false(text: str, obj: object) -> None:
    assert holds(f"!({text})", obj) is False


def test_each_variable_is_its_own() -> None:
    text = "change.n == 1 && object.n == 2 && oldObject.n == 3 && request.n == 4"
    assert holds(text, {"n": 2}, {"n": 3}, change={"n": 1}, request={"n": 4})
