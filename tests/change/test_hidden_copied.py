"""A hidden value is hidden wherever it stands: a JSON patch copies what its sender cannot read."""

import base64
import json
import time
from typing import Any

import pytest

from kubeapprove.change import Change
from kubeapprove.hidden import HiddenValues, Hiding
from tests.change import make
from tests.change.test_hidden import PLANTED, POINTED, SECRET, env, leaks, pod

VALUE = f"{PLANTED}1"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HOLDING = SECRET | {"data": {"p": encoded(VALUE)}}
SPEC = SECRET | {"spec": {"hidden": VALUE, "shown": "x"}}
QUOTED = json.dumps({"stringData": {"p": VALUE}})
COPIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "data to an annotation": ("secrets", HOLDING, make.annotated(HOLDING, leak=encoded(VALUE))),
    "data, decoded": ("secrets", HOLDING, make.annotated(HOLDING, leak=VALUE)),
    "data in a longer text": ("secrets", HOLDING, make.annotated(HOLDING, leak=f"https://u:{VALUE}@host")),
    "data in a text that is too long": ("secrets", HOLDING, make.annotated(HOLDING, leak="x" * 200_000 + VALUE)),
    "data that goes, to a label": ("secrets", HOLDING, {"metadata": {"name": "s", "labels": {"l": encoded(VALUE)}}}),
    "last applied to an annotation": (
        "secrets",
        make.annotated(SECRET, **{make.LAST_APPLIED: QUOTED}),
        make.annotated(SECRET, **{make.LAST_APPLIED: QUOTED, "leak": QUOTED}),
    ),
    "last applied of a Pod to an annotation": (
        "pods",
        make.applied(pod([]), pod([env("TOKEN")])),
        make.annotated(pod([]), leak=json.dumps(pod([env("TOKEN")]), indent=1)),
    ),
    "what last applied quotes, in other words": (
        "pods",
        make.applied(pod([]), pod([env("TOKEN")])),
        make.annotated(pod([]), leak=f"TOKEN={VALUE}"),
    ),
    "an env entry renamed": ("pods", pod([env("TOKEN")]), pod([env("NOTHING")])),
    "an env entry renamed to what hides": ("pods", pod([env("NOTHING")]), pod([env("TOKEN")])),
    "an env value of its entry's name": ("pods", pod([env("TOKEN")]), pod([env("TOKEN"), env(VALUE, "x")])),
    "an env value to an annotation": ("pods", pod([env("TOKEN", VALUE)]), make.annotated(pod([]), leak=VALUE)),
    "a pointed value to its neighbour": ("g/things", SPEC, SECRET | {"spec": {"hidden": VALUE, "shown": VALUE}}),
    "a pointed value to a name": ("g/things", SPEC, SECRET | {"spec": {"list": [{"name": VALUE}]}}),
    "a pointed value in a map": ("g/things", SPEC, SECRET | {"spec": {"hidden": {"a": [VALUE]}, "list": [[VALUE]]}}),
}


@pytest.mark.parametrize(("resource", "old", "new"), COPIES.values(), ids=COPIES)
def test_nowhere_to_be_seen(resource: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = [
        make.update(old, new, resource=resource, hiding=POINTED),
        make.update(new, old, resource=resource, hiding=POINTED),
    ]
    assert [leaks(change) for change in changes] == [False, False]
    assert make.update(old, new, resource=resource, hiding=POINTED).hash == changes[0].hash
    other = json.loads(json.dumps(new).replace(PLANTED, "an0ther-").replace(encoded(VALUE), encoded("other")))
    assert make.update(old, other, resource=resource, hiding=POINTED).hash != changes[0].hash


def test_nowhere_in_a_path_or_an_order() -> None:
    both = [{"name": VALUE, "v": 1}, {"name": "b", "v": 1}]
    old = SECRET | {"spec": {"hidden": VALUE, "list": both}}
    moved = SECRET | {"spec": {"hidden": VALUE, "list": both[::-1]}}
    changed = SECRET | {"spec": {"hidden": VALUE, "list": [{"name": VALUE, "v": 2}, both[1]]}}
    in_order, in_path = (make.update(old, new, resource="g/things", hiding=POINTED) for new in (moved, changed))
    assert in_order.document["fields"] == [{"path": ["spec", "list"], "order": ["b", None]}]
    assert in_path.document["fields"][0]["path"] == ["spec", "list", {"name": None}, "v"]
    assert not leaks(in_order)
    assert not leaks(in_path)


def test_nowhere_in_ownership() -> None:
    path = f'spec/list/k:{{"name":"{VALUE}"}}/f:v'
    old = make.owned(SPEC, make.entry(VALUE, path, "spec/shown"))
    change = make.update(old, SPEC, resource="g/things", hiding=POINTED)
    (loss,) = change.document["ownership"]
    assert not leaks(change)
    assert loss["manager"] is None
    assert sorted(loss["paths"], key=len) == [["f:spec", "f:shown"], ["f:spec", "f:list", None, "f:v"]]
    other = make.owned(SPEC, make.entry(VALUE, path.replace(PLANTED, "x"), "spec/shown"))
    assert make.update(other, SPEC, resource="g/things", hiding=POINTED).hash != change.hash


def test_nowhere_in_what_is_created_or_in_options() -> None:
    created = make.create(make.annotated(HOLDING, copy=encoded(VALUE)), resource="secrets")
    deleted = make.delete(HOLDING, resource="secrets", options={"propagationPolicy": VALUE})
    assert created.document["object"]["metadata"]["annotations"] == {"copy": None}
    assert deleted.document["options"] == {"propagationPolicy": None}
    assert not leaks(created)
    assert not leaks(deleted)


def test_options_of_a_connection_hide_nothing() -> None:
    change = make.connect({"hidden": "12345", "l": "12345"}, resource="pods", hiding=Hiding(b"k", pointers=(("*",),)))
    assert change.document["options"] == {"hidden": "12345", "l": "12345"}


def leak(value: Any, copy: Any) -> Any:
    """Return what a change shows of `copy` in an object that hides `value`."""
    change = make.create(SECRET | {"spec": {"hidden": value, "copy": copy}}, resource="g/things", hiding=POINTED)
    return change.document["object"]["spec"]["copy"]


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        ("abcd", "abcd"),
        ("abcdefgh", "-abcdefgh-"),
        ('a"b\nc<é>', json.dumps({"x": 'a"b\nc<é>'})),
        ('a"b\nc<é>', json.dumps({"x": 'a"b\nc<é>'}, ensure_ascii=False)),
        ('a"b\nc<é>', '{"x":"a\\"b\\nc\\u003cé\\u003e"}'),
        (1234, 1234),
        (12.5, 12.5),
        (2**60, 2**60),
    ],
    ids=str,
)
def test_hidden(value: Any, copy: Any) -> None:
    assert leak(value, copy) is None


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        ("", ""),
        ("abc", "abc"),
        ("abcdefg", "abcdefgh"),
        ("abcdefgh", "abcdefg"),
        ("abcdefgh", "abcdefgi"),
        ("True", "True"),
        ("false", "false"),
        ("s", "s"),
        ("team", "team"),
        (1, 1),
        (1, True),
        (10.0, 10),
        (True, True),
        (1234, "1234"),
        (None, "None"),
        ({}, "x"),
    ],
    ids=str,
)
def test_shown(value: Any, copy: Any) -> None:
    """What is too short tells nothing, and the namespace stands in the change anyway."""
    assert leak(value, copy) == copy


def test_the_copy_is_bound() -> None:
    def of(value: str) -> Change:
        return make.update(HOLDING, make.annotated(HOLDING, leak=value), resource="secrets")

    entry = make.replaced(of(VALUE))["/fields/0/to"]
    assert (entry["as"], entry["length"]) == ("secret", len(VALUE))
    # A copy holds any text around the value, all of it bound.
    assert len({of(text).hash for text in (VALUE, VALUE + "1", VALUE + "2", encoded(VALUE))}) == 4


def test_a_name_that_the_server_made_is_not_bound_where_it_is_hidden() -> None:
    def job(uid: str) -> Change:
        labels = {"batch.kubernetes.io/controller-uid": uid}
        spec = {"hidden": uid, "template": {"metadata": {"labels": labels}}}
        return make.create({"metadata": {"name": "j", "uid": uid}, "spec": spec}, resource="batch/jobs", hiding=POINTED)

    place = "/object/spec/template/metadata/labels/batch.kubernetes.io~1controller-uid"
    assert make.replaced(job("11111111-1111"))[place] == {"path": place, "as": "uid"}


def test_a_value_in_managed_fields_or_in_odd_places_is_none() -> None:
    odd = {
        "metadata": {"name": "p", "managedFields": [pod([env("TOKEN")])], "annotations": {"copy": "shown"}},
        "spec": {
            "containers": {"env": [env("TOKEN", "shown")]},
            "initContainers": ["shown", {"env": "shown"}, {"env": ["shown", {"name": "TOKEN"}]}],
            "ephemeralContainers": [
                {"env": [{"name": "TOKEN", "value": ["shown"]}, env(1, "shown"), env("A", "shown")]}
            ],
        },
    }
    assert "shown" in make.create(odd, resource="g/things").document["object"]["metadata"]["annotations"].values()


MANY = [f"hidden value {number}" for number in range(50)]


def test_one_of_many() -> None:
    values = HiddenValues(MANY)
    assert values.hold("what holds hidden value 49, and more")
    assert not values.hold("what holds hidden value")
    assert not values.hold("what holds no such value at all")
    assert not values.hold("hidden v")
    assert not values.hold("short")


def test_texts_that_are_made_to_be_slow_are_hidden_unread() -> None:
    alike = ["a" * length + "b" for length in range(100, 400)]
    started = time.monotonic()
    assert HiddenValues(alike).hold("a" * 300_000)
    assert time.monotonic() - started < 5  # an hour, if each were compared everywhere
    assert not HiddenValues(alike).hold("c" * 300_000)


def test_nothing_hidden_holds_nothing() -> None:
    assert not HiddenValues([])
    assert not HiddenValues([]).hold("anything")
    assert not HiddenValues(["four"]).hold("four and more")


@pytest.mark.parametrize("annotation", [12345, ["12345"], "no JSON"], ids=str)
def test_last_applied_of_an_odd_type(annotation: Any) -> None:
    annotations = {make.LAST_APPLIED: annotation, "copy": annotation}
    change = make.create({"metadata": {"name": "s", "annotations": annotations}}, resource="secrets")
    hidden = {entry["path"].rpartition("/")[2] for entry in change.document["replaced"]}
    assert ("copy" in hidden) == (type(annotation) is not list)
