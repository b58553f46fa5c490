"""A change is shown only if it is what its hash names, and only where it has the shape of a change."""

import json
from typing import Any

import pytest

from kubeapprove.canonical import digest
from kubeapprove.change import render
from kubeapprove.strictjson import UnreadableError
from kubeapprove_cli.document import Placeholder, read
from tests.cli import approvals

_DELETE = approvals.delete()


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
