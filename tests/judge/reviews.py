"""Requests of every operation, as the API server would put them to the webhook."""

import copy
from random import Random
from typing import Any

from tests.judge import objects, owned

PARTS = {"dryRun": True, "kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "preconditions": {"uid": "u"}}


def create(r: Random, kind: str) -> dict[str, Any]:
    """Return a CREATE, of a generated name or not, of a subresource or not."""
    obj = objects.made(r, kind)
    prefix = r.choice(["", "", "web-", "w" * 70])
    name = (prefix[:58] + "".join(r.choices(objects.ALPHABET + "ae", k=5))) if prefix else "web"
    obj["metadata"] |= {"name": name, **({"generateName": prefix} if prefix else {})}
    obj = _named(obj, name)
    if r.random() < 0.3:
        obj = objects.edited(r, obj)
    if r.random() < 0.5:
        obj = objects.with_annotation(obj, objects.manifest(r, obj))
    if r.random() < 0.7:
        obj["metadata"]["managedFields"] = owned.entries(r, obj)
    subresource = {"subResource": "binding"} if r.random() < 0.1 else {}
    return request(r, kind, "CREATE", obj, None, name=r.choice(["", name]), **subresource)


def _named(obj: Any, name: str) -> Any:
    """Put the name where the server copies it."""
    if isinstance(obj, dict):
        return {key: _named(value, name) for key, value in obj.items()}
    return name if obj == "GENERATED" else obj


def update(r: Random, kind: str) -> dict[str, Any]:
    """Return an UPDATE with a few edits, an annotation that goes along or not, and ownership that moves."""
    old = objects.made(r, kind)
    new = objects.edited(r, old)
    before, after = (r.random() < 0.5 for _ in range(2))
    text = objects.manifest(r, old)
    if before:
        old = objects.with_annotation(old, text)
    if after:
        new = objects.with_annotation(new, objects.manifest(r, new) if r.random() < 0.7 else text)
    if r.random() < 0.7:
        old["metadata"]["managedFields"] = owned.entries(r, old)
        new["metadata"]["managedFields"] = owned.moved(r, old["metadata"]["managedFields"], new)
    return request(r, kind, "UPDATE", new, old, name="web", subResource=r.choice(["", "", "", "status", "scale"]))


def delete(r: Random, kind: str) -> dict[str, Any]:
    """Return a DELETE with any options, of one object or of a collection."""
    more = {"propagationPolicy": r.choice(["Background", *objects.SECRETS]), "gracePeriodSeconds": objects.odd(r)}
    options = objects.some(r, **PARTS, **more, orphanDependents=objects.odd(r))
    return request(r, kind, "DELETE", None, objects.made(r, kind), name=r.choice(["", "web"]), options=options)


def connect(r: Random, kind: str) -> dict[str, Any]:
    """Return a CONNECT to a Pod."""
    options = objects.some(r, kind="PodExecOptions", stdin=True, command=["sh", objects.odd(r)], container="c")
    return request(r, kind, "CONNECT", options, None, name="web", subResource=r.choice(["exec", "attach"]))


OPERATIONS = {"CREATE": create, "UPDATE": update, "DELETE": delete, "CONNECT": connect}


def request(r: Random, kind: str, operation: str, obj: Any, old: Any, **parts: Any) -> dict[str, Any]:
    """Return the `request` of a review."""
    group, _, resource = kind.partition("/")
    manager = objects.some(r, fieldManager=r.choice([*owned.MANAGERS, ""]))
    return {
        "uid": "r1",
        "operation": operation,
        "resource": {"group": group, "version": "v1", "resource": resource},
        "namespace": r.choice(["team", "team", ""]),
        "userInfo": {"username": "agent"},
        "object": copy.deepcopy(obj),
        "oldObject": copy.deepcopy(old),
        "options": manager,
        **parts,
    }
