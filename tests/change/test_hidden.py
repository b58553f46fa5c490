"""What must be hidden is bound by a digest and stands nowhere in what an approval stores (C050)."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.canonical import canonical
from kubeapprove.change import Change
from kubeapprove.hidden import Hiding
from tests.change import make

PLANTED = "pl4nted-"
SUFFIXES = [
    "PASSWORD",
    "PASSWD",
    "TOKEN",
    "SECRET",
    "SECRET_KEY",
    "ACCESS_KEY",
    "API_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
]
POINTERS = (
    ("spec", "hidden"),
    ("spec", "users", "*", "password"),
    ("spec", "keys"),
    ("spec", "people", "*", "name"),
    ("spec", "pair", "1"),
)
POINTED = Hiding(make.HIDING.key, pointers=POINTERS)


def leaks(change: Change) -> bool:
    """Whether a planted value, or its base64, is in the text that is stored or in what names it."""
    seen = change.text + change.name + "".join(change.cut)
    return PLANTED in seen or any(
        base64.b64encode(("x" * shift + PLANTED).encode()).decode()[2:8] in seen for shift in range(3)
    )


def pod(*env_lists: Any, kind: str = "containers", names: str = "abc") -> dict[str, Any]:
    containers = [{"name": name, "env": env} for name, env in zip(names, env_lists, strict=False)]
    return {"metadata": {"name": "p", "uid": "u"}, "spec": {kind: containers}}


def env(name: Any, value: Any = PLANTED + "1") -> dict[str, Any]:
    return {"name": name, "value": value}


SECRET = {"metadata": {"name": "s", "uid": "u"}}
ENCODED = base64.b64encode(f"{PLANTED}1".encode()).decode()
OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Secret data": ("secrets", SECRET | {"data": {"k": ENCODED}}),
    "Secret data that is no base64": ("secrets", SECRET | {"data": {"k": f"{PLANTED}!"}}),
    "Secret data in base64 written otherwise": ("secrets", SECRET | {"data": {"k": ENCODED[:-2] + "Z="}}),
    "Secret stringData": ("secrets", SECRET | {"stringData": {"k": f"{PLANTED}1"}}),
    "Secret data of an odd shape": ("secrets", SECRET | {"data": {"k": [f"{PLANTED}1", {"x": f"{PLANTED}2"}]}}),
    "Secret data that is a text": ("secrets", SECRET | {"data": f"{PLANTED}1"}),
    "Secret, last applied": ("secrets", make.applied(SECRET, {"stringData": {"k": f"{PLANTED}1"}})),
    "Secret, last applied, no JSON": ("secrets", make.applied(SECRET, PLANTED)),
    **{f"env …{suffix}": ("pods", pod([env(f"MY_{suffix}")])) for suffix in SUFFIXES},
    "env in lower case": ("pods", pod([env("db_password")])),
    "env among others": ("pods", pod([env("A", "1"), env("TOKEN")], [env("TOKEN")])),
    "env named twice": ("pods", pod([env("TOKEN"), env("TOKEN", f"{PLANTED}2")])),
    "env named twice with an item of no name": ("pods", pod([env("TOKEN"), {"value": "x"}])),
    "env of containers named twice": ("pods", pod([env("TOKEN")], [env("TOKEN")], names="aa")),
    "env of init containers": ("pods", pod([env("TOKEN")], kind="initContainers")),
    "env of ephemeral containers": ("pods", pod([env("TOKEN")], kind="ephemeralContainers")),
    "env in a template": (
        "apps/deployments",
        {"metadata": {"name": "d", "uid": "u"}, "spec": {"template": pod([env("TOKEN")])}},
    ),
    "env in a list of templates": ("g/things", {"metadata": {"name": "d"}, "spec": {"jobs": [[pod([env("TOKEN")])]]}}),
    "env, quoted by last applied": ("pods", make.applied(pod([env("TOKEN", "other")]), pod([env("TOKEN")]))),
    "env, quoted by last applied with a key twice": (
        "pods",
        make.applied(pod([]), '{"spec":1,"spec":{"TOKEN":"' + PLANTED + '"}}'),
    ),
    "env whose value is too long to be read": ("pods", pod([env("TOKEN", PLANTED * 20_000)])),
    "a pointer": ("g/things", SECRET | {"spec": {"hidden": f"{PLANTED}1"}}),
    "all below a pointer": ("g/things", SECRET | {"spec": {"hidden": {"a": [{"name": f"{PLANTED}1"}]}}}),
    "a pointer into a named list": (
        "g/things",
        SECRET | {"spec": {"users": [{"name": "a", "password": f"{PLANTED}1"}]}},
    ),
    "a pointer into a list without names": ("g/things", SECRET | {"spec": {"users": [{"password": f"{PLANTED}1"}]}}),
    "a pointer by position": ("g/things", SECRET | {"spec": {"pair": ["shown", f"{PLANTED}1"]}}),
    "a pointer to names": (
        "g/things",
        SECRET | {"spec": {"people": [{"name": f"{PLANTED}1"}, {"name": f"{PLANTED}2"}]}},
    ),
    "a pointer, quoted by last applied": ("g/things", make.applied(SECRET, {"spec": {"hidden": f"{PLANTED}1"}})),
}
EMPTY = {"metadata": {"name": "s", "uid": "u"}}


@pytest.mark.parametrize(("resource", "obj"), OBJECTS.values(), ids=OBJECTS)
def test_nowhere_to_be_seen(resource: str, obj: dict[str, Any]) -> None:
    # What differs only in a planted value must still differ: everything hidden is bound.
    other = json.loads(
        json.dumps(obj).replace(PLANTED, PLANTED[::-1]).replace(ENCODED, base64.b64encode(b"other").decode())
    )
    made = {
        "created": make.create(obj, resource=resource, hiding=POINTED),
        "comes": make.update(EMPTY, obj, resource=resource, hiding=POINTED),
        "goes": make.update(obj, EMPTY, resource=resource, hiding=POINTED),
        "changes": make.update(obj, other, resource=resource, hiding=POINTED),
        "deleted": make.delete(obj, resource=resource, hiding=POINTED),
    }
    assert [how for how, change in made.items() if leaks(change)] == []
    if other != obj:
        assert make.create(other, resource=resource, hiding=POINTED).hash != made["created"].hash
        assert not made["changes"].is_nothing


def test_nowhere_in_the_order_of_a_list() -> None:
    people = [{"name": f"{PLANTED}{number}", "v": number} for number in range(3)]
    old, new = (SECRET | {"spec": {"people": items}} for items in (people, people[::-1]))
    change = make.update(old, new, resource="g/things", hiding=POINTED)
    assert not leaks(change)
    assert change.document["fields"] == [{"path": ["spec", "people"], "order": [None, None, None]}]
    assert set(make.replaced(change)) == {f"/fields/0/order/{index}" for index in range(3)}


def test_nowhere_in_the_path_of_an_item() -> None:
    old, new = (
        SECRET | {"spec": {"people": [{"name": f"{PLANTED}1", "v": v}], "users": [{"name": "a", "v": v}]}}
        for v in (1, 2)
    )
    change = make.update(old, new, resource="g/things", hiding=POINTED)
    assert not leaks(change)
    assert [field["path"] for field in change.document["fields"]] == [
        ["spec", "people", {"name": None}, "v"],
        ["spec", "users", {"name": "a"}, "v"],
    ]


OWNED = {
    "a member of a set": f'f:spec/f:keys/v:"{PLANTED}1"',
    "the keys of an item": f'f:spec/f:people/k:{{"name":"{PLANTED}1"}}/f:v',
    "one of two keys of an item": f'f:spec/f:users/k:{{"name":"a","password":"{PLANTED}1"}}/f:v',
}


@pytest.mark.parametrize("path", OWNED.values(), ids=OWNED)
def test_nowhere_in_lost_ownership(path: str) -> None:
    old = make.owned(SECRET, make.entry("flux", path, "spec/replicas"))
    change = make.update(old, SECRET, resource="g/things", hiding=POINTED)
    assert not leaks(change)
    hidden, shown = change.document["ownership"][0]["paths"]
    assert shown == ["f:spec", "f:replicas"] or hidden == ["f:spec", "f:replicas"]
    assert None in hidden + shown
    other = make.owned(SECRET, make.entry("flux", path.replace(PLANTED, "x"), "spec/replicas"))
    assert make.update(other, SECRET, resource="g/things", hiding=POINTED).hash != change.hash


NAMES = st.sampled_from(["TOKEN", "A_PASSWORD", "PLAIN", "token"])
ENV = st.lists(
    st.builds(
        lambda name, number: env(name, f"{PLANTED}{number}" if name != "PLAIN" else "plain"), NAMES, st.integers(0, 9)
    )
    | st.just({"name": "PLAIN", "valueFrom": {"fieldRef": {}}})
    | st.just({"value": "no name"}),
    max_size=4,
)


@make.FEW
@given(st.lists(ENV, max_size=3), st.lists(ENV, max_size=3), st.sampled_from(["abc", "aab", "aaa"]))
def test_env_in_lists_of_any_shape(old: list[Any], new: list[Any], names: str) -> None:
    before, after = (pod(*lists, names=names) for lists in (old, new))
    for change in (make.create(after, resource="pods"), make.update(before, after, resource="pods")):
        assert not leaks(change)
    assert make.update(before, after, resource="pods").is_nothing == (before == after)


SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "ConfigMap data": ("configmaps", make.config_map(PASSWORD="shown")),
    "Secrets of another group": ("g/secrets", SECRET | {"data": {"k": "shown"}}),
    "labels of a Secret": ("secrets", {"metadata": {"name": "s", "labels": {"data": "shown"}}}),
    "env of another name": ("pods", pod([env("PASSWORD_FILE", "shown")])),
    "env in no container": ("pods", {"metadata": {}, "spec": {"env": [env("TOKEN", "shown")]}}),
    "env whose name is no text": ("g/things", pod([env(1, "shown")])),
    "args": ("pods", {"metadata": {}, "spec": {"containers": [{"name": "a", "args": ["shown"]}]}}),
    "last applied that quotes nothing hidden": ("pods", make.applied(pod([]), {"spec": "shown"})),
    "last applied that is a list": ("pods", {"metadata": {"annotations": {make.LAST_APPLIED: ["shown"]}}}),
    "last applied that is a number": ("pods", {"metadata": {"annotations": {make.LAST_APPLIED: 5, "a": "shown"}}}),
    "beside a pointer": ("g/things", SECRET | {"spec": {"pair": ["shown", "x"]}}),
    "above a pointer": ("g/things", SECRET | {"spec": "shown"}),
}


@pytest.mark.parametrize(("resource", "obj"), SHOWN.values(), ids=SHOWN)
def test_shown(resource: str, obj: dict[str, Any]) -> None:
    change = make.create(obj, resource=resource, hiding=POINTED)
    assert "shown" in change.text


def test_null_and_empty_containers_are_shown() -> None:
    change = make.create(SECRET | {"data": {"a": None, "b": {}, "c": []}}, resource="secrets")
    assert change.document["object"]["data"] == {"a": None, "b": {}, "c": []}
    assert change.document["replaced"] == []


def test_the_digest() -> None:
    change = make.create(SECRET | {"data": {"k": ENCODED}}, resource="secrets")
    message = canonical(["team", "k", ENCODED])
    assert make.replaced(change)["/object/data/k"] == {
        "path": "/object/data/k",
        "as": "secret",
        "mac": hmac.new(make.HIDING.key, message, hashlib.sha256).hexdigest(),
        "length": len(PLANTED) + 1,
    }


def test_a_value_has_one_digest_in_data_and_in_string_data() -> None:
    text = make.create(SECRET | {"stringData": {"k": f"{PLANTED}1"}}, resource="secrets")
    data = make.create(SECRET | {"data": {"k": ENCODED}}, resource="secrets")
    assert make.replaced(text)["/object/stringData/k"]["mac"] == make.replaced(data)["/object/data/k"]["mac"]
    assert text.hash != data.hash


def test_a_number_and_its_digits_differ() -> None:
    number, digits = (make.replaced(make.create(pod([env("TOKEN", value)]), resource="g/things")) for value in (1, "1"))
    (one,), (other,) = number.values(), digits.values()
    assert one == {**other, "json": True}


MACS: dict[str, tuple[Change, str]] = {
    "another value": (make.create(pod([env("TOKEN", "b")]), resource="pods"), "differs"),
    "another name": (make.create(pod([env("A_TOKEN", "a")]), resource="pods"), "differs"),
    "another namespace": (make.create(pod([env("TOKEN", "a")]), resource="pods", namespace="other"), "differs"),
    "another key": (make.create(pod([env("TOKEN", "a")]), resource="pods", hiding=Hiding(b"another")), "differs"),
    "another container": (make.create(pod([], [env("TOKEN", "a")]), resource="pods"), "same"),
}


@pytest.mark.parametrize(("other", "expected"), MACS.values(), ids=MACS)
def test_what_a_digest_depends_on(other: Change, expected: str) -> None:
    change = make.create(pod([env("TOKEN", "a")]), resource="pods")
    (one,), (two,) = change.document["replaced"], other.document["replaced"]
    assert (one["mac"] == two["mac"]) == (expected == "same")
    assert change.hash != other.hash


def test_a_pointer_s_digest_does_not_depend_on_the_position() -> None:
    users = [{"password": "a"}, {"password": "b"}]
    made = [
        make.create(SECRET | {"spec": {"users": items}}, resource="g/things", hiding=POINTED)
        for items in (users, users[::-1])
    ]
    macs = [[entry["mac"] for entry in change.document["replaced"]] for change in made]
    assert macs[0] == macs[1][::-1]
    assert made[0].hash != made[1].hash


def test_names_of_the_installation() -> None:
    hiding = Hiding(make.HIDING.key, env_suffixes=("pin",))
    assert PLANTED not in make.create(pod([env("MY_PIN")]), resource="pods", hiding=hiding).text
    assert PLANTED in make.create(pod([env("MY_TOKEN")]), resource="pods", hiding=hiding).text
    assert PLANTED in make.create(pod([env("MY_TOKEN")]), resource="pods", hiding=Hiding(b"k", env_suffixes=())).text


def test_a_literal_cannot_pass_for_a_hidden_value() -> None:
    change = make.create(pod([env("TOKEN")]), resource="pods")
    forged = make.create(pod([env("TOKEN", None)]), resource="pods")
    assert forged.document["object"] == change.document["object"]
    assert forged.hash != change.hash


def test_a_hidden_value_is_no_value_of_another_place() -> None:
    one = make.create(pod([env("TOKEN", "a")], [env("TOKEN", "b")]), resource="pods")
    other = make.create(pod([env("TOKEN", "b")], [env("TOKEN", "a")]), resource="pods")
    assert one.hash != other.hash
