"""kubectl's last-applied annotation is left out while it tells the truth, and part of the change when it does not."""

import json
from typing import Any

import pytest

from kubeapprove.lastapplied import truthful_on_create, truthful_on_update
from tests.change import make
from tests.change.make import applied

BASE: dict[str, Any] = {"metadata": {"name": "o"}}


def obj(**spec: Any) -> dict[str, Any]:
    return BASE | {"spec": spec}


CREATED: dict[str, tuple[dict[str, Any], Any, bool]] = {
    "all of it": (obj(a=1, l=["x"]), obj(a=1, l=["x"]), True),
    "less than the object": (obj(a=1, b=2), obj(a=1), True),
    "an empty map where one is": (obj(m={"a": 1}), {"metadata": {"annotations": {}}, "spec": {"m": {}}}, True),
    "no creation time": (obj(t={"metadata": {}}), obj(t={"metadata": {"creationTimestamp": None}}), True),
    "items by name": (
        obj(l=[{"name": "a", "d": 1}, {"name": "b", "v": 2}]),
        obj(l=[{"name": "b", "v": 2}, {"name": "a"}]),
        True,
    ),
    "items by position": (obj(l=[{"port": 1, "d": 1}]), obj(l=[{"port": 1}]), True),
    "nothing": (obj(a=1), {}, True),
    "another value": (obj(a=1), obj(a=2), False),
    "true for 1": (obj(a=1), obj(a=True), False),
    "a field that is not there": (obj(a=1), obj(a=1, replicas=3), False),
    "a null": (obj(a=1), obj(a=1, b=None), False),
    "null for the finalizers": (obj(), {"metadata": {"finalizers": None}}, False),
    "an empty map where there is none": (obj(a=1), obj(m={}), False),
    "an empty map for a list": (obj(m=[]), obj(m={}), False),
    "an item that is not there": (obj(l=[{"name": "a"}]), obj(l=[{"name": "a"}, {"name": "b"}]), False),
    "an item beyond the end": (obj(l=[{"port": 1}]), obj(l=[{"port": 1}, {"port": 2}]), False),
    "items by name in a list without names": (obj(l=[{"port": 1}]), obj(l=[{"name": "a"}]), False),
    "items of what is no list": (obj(l=1), obj(l=[{"name": "a"}]), False),
    "a part of a list": (obj(l=["x", "y"]), obj(l=["x"]), False),
    "inside what is no map": (obj(a=1), obj(a={"b": 1}), False),
    "no JSON": (obj(a=1), "{", False),
    "a key twice": (obj(a=1), '{"spec":{"a":1,"a":1}}', False),
    "no object": (obj(a=1), "[]", False),
}


@pytest.mark.parametrize(("created", "manifest", "truthful"), CREATED.values(), ids=CREATED)
def test_created(created: dict[str, Any], manifest: Any, truthful: bool) -> None:
    with_annotation = applied(created, manifest)
    assert truthful_on_create(with_annotation) == truthful
    change = make.create(with_annotation, resource="g/things")
    assert (change.hash == make.create(created, resource="g/things").hash) == truthful
    assert (make.LAST_APPLIED in change.text) != truthful


def test_annotation_that_is_no_text() -> None:
    odd = {"metadata": {"annotations": {make.LAST_APPLIED: {"a": 1}}}}
    assert not truthful_on_create(odd)
    assert make.create(odd).document["object"] == odd


def test_other_annotations_stay() -> None:
    both = make.annotated(obj(a=1), **{make.LAST_APPLIED: "{}", "x": "y"})
    assert make.create(both).document["object"] == make.annotated(obj(a=1), x="y")


UPDATED: dict[str, tuple[Any, Any, bool]] = {
    "a value changes in both": (applied(obj(a=1), obj(a=1)), applied(obj(a=2), obj(a=2)), True),
    "a field comes to both": (applied(obj(a=1), obj(a=1)), applied(obj(a=1, b=1), obj(a=1, b=1)), True),
    "a field goes from both": (applied(obj(a=1, b=1), obj(a=1, b=1)), applied(obj(a=1), obj(a=1)), True),
    "the annotation comes with its field": (obj(), applied(obj(a=1), {"spec": {"a": 1}}), True),
    "the annotation goes with its field": (applied(obj(a=1), {"spec": {"a": 1}}), obj(), True),
    "a value grows to a map": (applied(obj(a=1), obj(a=1)), applied(obj(a={"b": 1}), obj(a={"b": 1})), True),
    "an empty map grows": (applied(obj(m={}), obj(m={})), applied(obj(m={"b": 1}), obj(m={"b": 1})), True),
    "an empty map is no longer asked for": (
        applied(obj(m={}), obj(m={})),
        applied(obj(m={"x": 1}), {"metadata": {"name": "o"}}),
        False,
    ),
    "kubectl's own empty annotations are no longer asked for": (
        applied(obj(a=1), {"metadata": {"annotations": {}, "name": "o"}, "spec": {"a": 1}}),
        applied(obj(a=2), {"metadata": {"name": "o"}, "spec": {"a": 2}}),
        True,
    ),
    "a named item is no longer asked for, and stands in a list of more than names": (
        applied(obj(a=[{"name": "x"}, {"v": 1}]), obj(a=[{"name": "x"}])),
        applied(obj(a=[{"name": "x"}, {"v": 1}]), {"metadata": {"name": "o"}}),
        False,
    ),
    "named items are no longer asked for where there is no list": (
        applied(obj(a="x"), obj(a=[{"name": "x"}])),
        applied(obj(a="x"), {"metadata": {"name": "o"}}),
        True,
    ),
    "named items are no longer asked for, one stands": (
        applied(obj(a=[{"name": "x"}, {"v": 1}]), obj(a=[{"name": "y"}, {"name": "x"}])),
        applied(obj(a=[{"name": "x"}, {"v": 1}]), {"metadata": {"name": "o"}}),
        False,
    ),
    "a named item goes from a list of more than names": (
        applied(obj(a=[{"name": "x"}, {"v": 1}]), obj(a=[{"name": "x"}])),
        applied(obj(a=[{"v": 1}]), {"metadata": {"name": "o"}}),
        True,
    ),
    "no creation time any more": (
        applied(obj(a=1), {"metadata": {"name": "o", "creationTimestamp": None}, "spec": {"a": 1}}),
        applied(BASE, BASE),
        True,
    ),
    "the annotation comes alone": (obj(a=1), applied(obj(a=1), {"spec": {"a": 1}}), False),
    "the annotation goes alone": (applied(obj(a=1), obj(a=1)), obj(a=1), False),
    "it says more than the change": (applied(obj(a=1, b=1), obj(a=1)), applied(obj(a=2, b=1), obj(a=2, b=1)), False),
    "it forgets a field that stays": (applied(obj(a=1, b=1), obj(a=1, b=1)), applied(obj(a=2, b=1), obj(a=2)), False),
    "it forgets a field that drifted": (applied(obj(a=1, b=9), obj(a=1, b=1)), applied(obj(a=1, b=9), obj(a=1)), False),
    "it forgets a field that is set": (applied(obj(a=1, b=1), obj(a=1, b=1)), applied(obj(a=1, b=2), obj(a=1)), False),
    "it asks for null where a field went": (applied(obj(a=1), obj(a=1)), applied(obj(), obj(a=None)), False),
    "it says another value": (applied(obj(a=1), obj(a=1)), applied(obj(a=2), obj(a=3)), False),
    "no JSON before": (applied(obj(a=1), "{"), applied(obj(a=2), obj(a=2)), False),
    "no JSON after": (applied(obj(a=1), obj(a=1)), applied(obj(a=2), "{"), False),
}


@pytest.mark.parametrize(("old", "new", "truthful"), UPDATED.values(), ids=UPDATED)
def test_updated(old: dict[str, Any], new: dict[str, Any], truthful: bool) -> None:
    assert truthful_on_update(old, new) == truthful
    change = make.update(old, new, resource="g/things")
    assert (make.LAST_APPLIED in change.text) != truthful


def test_an_untruthful_annotation_alone_is_a_change() -> None:
    assert not make.update(applied(obj(a=5), obj(a=1)), applied(obj(a=5), obj()), resource="g/things").is_nothing


def test_the_same_annotation_written_otherwise_is_no_change() -> None:
    manifest = obj(a=1, b=2)
    other = json.dumps(dict(reversed(manifest.items())), separators=(",", ":")) + "\n"
    assert make.update(applied(obj(a=1, b=2), manifest), applied(obj(a=1, b=2), other), resource="g/things").is_nothing


def test_padding_is_a_change() -> None:
    """Room for annotations is bounded: an annotation that grows for nothing takes it from everybody else's."""
    manifest = obj(a="<&>", b="b")
    padded = json.dumps(manifest, separators=(",", ":")) + " " * 99
    assert not make.update(applied(obj(a=1), manifest), applied(obj(a=1), padded), resource="g/things").is_nothing


def test_go_escapes_are_no_padding() -> None:
    manifest = obj(a="<&>")
    text = json.dumps(manifest, separators=(",", ":"))
    for sign in "<&>":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    assert truthful_on_create(applied(manifest, text + "\n"))


def test_null_in_a_parent_that_is_not_there() -> None:
    """It would make a person's next apply delete what others put there later."""
    created = {"metadata": {"name": "x"}, "spec": {"a": 1}}
    for manifest in (
        {**created, "spec": {"a": 1, "victim": {"creationTimestamp": None}}},
        {**created, "spec": {"a": 1, "victim": {"metadata": {"creationTimestamp": None}}}},
    ):
        assert not truthful_on_create(applied(created, manifest))


def test_a_change_of_drifted_fields_beside_an_unchanged_annotation() -> None:
    change = make.update(applied(obj(a=1), obj(a=1)), applied(obj(a=2), obj(a=1)), resource="g/things")
    assert [field["path"] for field in change.document["fields"]] == [["spec", "a"]]


def test_thousands_of_items_take_no_longer_than_they_must() -> None:
    """A list's names are read once: reading them for each leaf would take minutes."""
    items = [{"name": f"n{index}", "v": index} for index in range(8_000)]
    assert truthful_on_create(applied(obj(l=items), obj(l=items)))
