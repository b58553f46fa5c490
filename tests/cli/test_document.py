"""A change is shown only if it is what its hash names, and only where it has the shape of a change."""

import json
from typing import Any

import pytest

from kubeapprove.canonical import digest
from kubeapprove.change import render
from kubeapprove.hidden import Hiding
from kubeapprove.strictjson import UnreadableError
from kubeapprove_cli import review
from kubeapprove_cli.document import Placeholder, read
from kubeapprove_cli.state import state_of
from tests.change import make
from tests.cli import approvals
from tests.cli.conftest import NOW

_DELETE = approvals.delete()
MANAGER = {"manager": "flux", "operation": "Apply", "subresource": ""}
HIDDEN = {"as": "secret", "mac": "ab" * 32, "length": 5}
SHOWN = "!secret 5 bytes, hmac abababababab…"


def document(**parts: Any) -> dict[str, Any]:
    return {**_DELETE, **parts}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in _DELETE.items() if name != key}


def test_another_text_than_the_hash_names() -> None:
    with pytest.raises(UnreadableError, match="is not the one that its hash names"):
        read(render(_DELETE), digest({**_DELETE, "name": "other"}))


def test_a_number_without_canonical_form() -> None:
    text = json.dumps(document(options={"a": 2**60}))
    with pytest.raises(UnreadableError, match="no canonical form"):
        read(text, "sha256:" + "0" * 64)


@pytest.mark.parametrize(
    "odd",
    [
        document(operation="PATCH"),
        document(operation=None),
        document(operation=["CREATE"]),
        without("namespace"),
        without("uid"),
        document(name=1),
        document(resource={"group": "", "version": "v1"}),
        document(resource="pods"),
        document(replaced={}),
        document(replaced=[1]),
        document(replaced=[{"path": "/name"}]),
        document(replaced=[{"path": "/name", "as": "uid"}]),
        document(replaced=[{"path": "/missing", "as": "uid"}]),
        document(replaced=[{"path": "", "as": "uid"}]),
        document(options={"l": [None]}, replaced=[{"path": "/options/l/1", "as": "uid"}]),
        document(options={"l": [None]}, replaced=[{"path": "/options/l/-1", "as": "uid"}]),
        document(options={"l": [None]}, replaced=[{"path": "/options/l/²", "as": "uid"}]),
        document(options={"a": None}, replaced=[{"path": "/options/a", "as": "uid"}] * 2),
        approvals.create({}, object=[]),
        approvals.create({}, name=None),
        approvals.update({"path": ["a"]}),
        approvals.update({"path": "a", "to": 1}),
        approvals.update({"path": [1], "to": 1}),
        approvals.update({"path": [{"key": "a"}], "to": 1}),
        approvals.update({"path": [{"name": 1}], "to": 1}),
        {**approvals.update(), "fields": [1]},
        {**approvals.update(), "ownership": [{"manager": "a"}]},
        {**approvals.update(), "ownership": {}},
        {**approvals.update(), "ownership": [{**MANAGER}]},
        {**approvals.update(), "ownership": [{**MANAGER, "paths": [["f:a"]], "gained": {}}]},
        {**approvals.update(), "ownership": [{**MANAGER, "gained": ["f:a"]}]},
        {**approvals.update(), "ownership": [{**MANAGER, "gained": [["f:a", None]]}]},
        {**approvals.update(), "ownership": [{**MANAGER, "manager": None, "paths": [["f:a"]]}]},
        approvals.create({}, ownership=[{**MANAGER, "gained": 1}]),
        approvals.update({"path": ["a", {"name": None}], "to": 1}),
        approvals.update({"path": ["a", None], "to": 1}, replaced=[{"path": "/fields/0/path/1", "as": "secret"}]),
    ],
    ids=str,
)
def test_another_shape(odd: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        read(render(odd), digest(odd))


@pytest.mark.parametrize(
    ("entry", "placeholder"),
    [
        ({"as": "secret", "mac": "ab" * 32, "length": 12}, Placeholder("!secret", "12 bytes, hmac abababababab…")),
        (
            {"as": "secret", "mac": "ab" * 32, "length": 1, "json": True},
            Placeholder("!secret", "a value that is no text, hmac abababababab…"),
        ),
        ({"as": "integer", "digits": "-9007199254740992"}, Placeholder("!integer", "-9007199254740992")),
        (
            {"as": "text", "sha256": "cd" * 32, "length": 200000, "head": "one\ntwo"},
            Placeholder("!cut", f"200000 bytes, sha256 {'cd' * 32}, begins with", "one\ntwo"),
        ),
        ({"as": "uid"}, Placeholder("!server", "the uid that the object gets")),
        ({"as": "name"}, Placeholder("!server", "the name that the object gets")),
        ({"as": "token volume"}, Placeholder("!server", "the random name of the token volume")),
        ({"as": "time"}, Placeholder("!server", "the moment of the restart")),
        ({"as": "later"}, Placeholder("!server", "later")),
    ],
    ids=lambda value: value["as"] if isinstance(value, dict) else "",
)
def test_what_stands_in_the_place_of_a_value(entry: dict[str, Any], placeholder: Placeholder) -> None:
    obj = {"data": {"a/b~c": None, "list": [1, None]}}
    body = approvals.create(obj, replaced=[{"path": "/object/data/a~1b~0c", **entry}])
    found = read(render(body), digest(body))
    assert found.body["object"]["data"] == {"a/b~c": placeholder, "list": [1, None]}
    assert found.placeholders == (placeholder,)


def test_a_place_in_a_list() -> None:
    body = approvals.update({"path": ["a"], "to": [None, None]}, replaced=[{"path": "/fields/0/to/1", "as": "uid"}])
    found = read(render(body), digest(body)).body["fields"][0]["to"]
    assert found[0] is None
    assert isinstance(found[1], Placeholder)


@pytest.mark.parametrize(
    ("body", "resource", "obj", "path"),
    [
        (approvals.delete(), "deployments.apps", "shop/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        (
            approvals.delete(
                resource={"group": "", "version": "v1", "resource": "namespaces"}, namespace="shop", name="shop"
            ),
            "namespaces",
            "shop/shop",
            "/api/v1/namespaces/shop",
        ),
        (
            approvals.delete(
                resource={"group": "g.io", "version": "v1", "resource": "things"}, namespace="", name="a/b?"
            ),
            "things.g.io",
            "a/b?",
            "/apis/g.io/v1/things/a%2Fb%3F",
        ),
        (approvals.execute("id"), "pods/exec", "shop/web", "/api/v1/namespaces/shop/pods/web"),
    ],
    ids=["namespaced", "namespace", "cluster-scoped", "subresource"],
)
def test_what_it_is_about(body: dict[str, Any], resource: str, obj: str, path: str) -> None:
    found = read(render(body), digest(body))
    assert (found.resource, found.object, found.url_path) == (resource, obj, path)


@pytest.mark.parametrize(
    ("obj", "name"),
    [({"metadata": {"generateName": "job-"}}, "job-*"), ({}, "*"), ({"metadata": []}, "*")],
    ids=["generated", "none", "odd"],
)
def test_a_name_that_the_server_makes(obj: dict[str, Any], name: str) -> None:
    body = approvals.create(obj)
    del body["name"]
    assert read(render(body), digest(body)).name == name


def told(body: dict[str, Any]) -> list[str]:
    """What an approver reads, without what is in every review."""
    approval = state_of(approvals.approval(body, NOW), NOW)
    assert not approval.problem
    return [line.text.strip() for line in review.body(approval)][1:]


def test_the_name_of_an_item_that_is_hidden() -> None:
    hidden = {"path": "/fields/0/path/2/name", **HIDDEN}
    body = approvals.update({"path": ["spec", "users", {"name": None}, "v"], "from": 1, "to": 2}, replaced=[hidden])
    assert told(body) == [f"spec.users[name={SHOWN}].v", "- 1", "+ 2"]


def test_hidden_names_in_an_order() -> None:
    hidden = {"path": "/fields/0/order/1", **HIDDEN}
    body = approvals.update({"path": ["l"], "order": ["a", None]}, replaced=[hidden])
    assert told(body) == ["l", "new order of the list:", "- a", f"- {SHOWN}"]


def test_what_is_hidden_in_ownership() -> None:
    move = {"manager": None, "operation": None, "subresource": None, "paths": [["f:spec", "f:users", None, "f:v"]]}
    places = ("manager", "operation", "subresource", "paths/0/2")
    hidden = [{"path": f"/ownership/0/{place}", **HIDDEN} for place in places]
    sentence, path = told(approvals.update(ownership=[move], replaced=hidden))
    assert sentence.startswith(f"ownership: the manager {SHOWN} by {SHOWN} through {SHOWN} no longer owns the field")
    assert path == f"- spec.users[{SHOWN}].v"


@pytest.mark.parametrize("body", [approvals.create({}), approvals.update()], ids=["CREATE", "UPDATE"])
def test_who_gains_ownership(body: dict[str, Any]) -> None:
    gain = {**MANAGER, "gained": [["f:spec", "f:replicas"], ["f:spec", 'k:{"name":"a"}']]}
    sentence = (
        'ownership: the manager "flux" by Apply takes ownership of the 2 fields below: its next apply may remove them or '
        "refuse those of others."
    )
    assert told({**body, "ownership": [gain]})[-3:] == [sentence, "+ spec.replicas", "+ spec[name=a]"]


def test_who_loses_and_gains() -> None:
    both = {**MANAGER, "paths": [["f:a"]], "gained": [["f:b"]]}
    lost, a, gained, b = told(approvals.update(ownership=[both]))
    assert ("no longer owns the field below" in lost, a) == (True, "- a")
    assert ("takes ownership of the field below" in gained, b) == (True, "+ b")


def test_what_the_gate_hides_in_names_can_be_read() -> None:
    """With a pointer to a list of named items; as the gate builds it."""
    old, new = (
        make.owned(
            {"metadata": {"name": "t", "uid": "u"}, "spec": {"users": [{"name": "hidden", "v": v}]}},
            *([make.entry("flux", 'spec/users/k:{"name":"hidden"}/f:other')] if v == 1 else []),
        )
        for v in (1, 2)
    )
    document = make.update(old, new, resource="g/t", hiding=Hiding(b"k", pointers=(("spec", "users"),))).document
    assert "ownership" in document
    lines = told(document)
    assert "hidden" not in "".join(lines)
    assert lines[0].startswith("spec.users[name=!secret 6 bytes, hmac ")
