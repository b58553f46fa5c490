"""Who owns which field, and who loses ownership without losing the field.

`metadata.managedFields` is left out of a change: the server writes it. But a request can also wipe another manager's
entry (`managedFields: [{}]`, a forced apply of equal values), and that changes what the other's next apply removes. So
every loss that the changed values do not explain is part of the change.

Source: FieldsV1 of meta.k8s.io/v1; sigs.k8s.io/structured-merge-diff fieldpath serialisation (`f:` field, `k:` item by
keys, `v:` item by value, `i:` item by index, `.` the thing itself).
"""

import json
from collections.abc import Iterator
from typing import Any

from kubeapprove.canonical import canonical, same
from kubeapprove.fields import ABSENT
from kubeapprove.strictjson import UnreadableError

FieldPath = tuple[str, ...]
Owner = tuple[str, str, str]
CLIENT_SIDE_APPLY = "kubectl-client-side-apply"


def managed_fields(obj: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of an object's managedFields; raises UnreadableError where they are not a list of objects."""
    entries = obj.get("metadata", {}).get("managedFields") or []
    if type(entries) is not list or not all(type(entry) is dict for entry in entries):
        raise UnreadableError("managedFields is not a list of objects")
    return entries


def owned_paths(fields: Any, prefix: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield every path of a FieldsV1 tree; a leaf and a `.` both stand for the thing itself."""
    if type(fields) is not dict:
        raise UnreadableError("fieldsV1 is not an object")
    for key, below in fields.items():
        if key == ".":
            yield prefix
        elif below == {}:
            yield (*prefix, key)
        else:
            yield from owned_paths(below, (*prefix, key))


def owns(entries: list[dict[str, Any]], path: FieldPath) -> bool:
    """Whether any manager owns `path` or, as a leaf, something that contains it. A parent's `.` does not count."""
    return any(_reaches(entry.get("fieldsV1") or {}, path) for entry in entries)


def _reaches(fields: Any, path: FieldPath) -> bool:
    for key in path:
        if type(fields) is not dict:
            raise UnreadableError("fieldsV1 is not an object")
        if key not in fields:
            return False
        fields = fields[key]
        if fields == {}:
            return True
    return True


def _by_owner(obj: dict[str, Any]) -> dict[Owner, set[FieldPath]]:
    owners: dict[Owner, set[FieldPath]] = {}
    for entry in managed_fields(obj):
        owner = (entry.get("manager", ""), entry.get("operation", ""), entry.get("subresource", ""))
        if not all(type(part) is str for part in owner):
            raise UnreadableError("a managedFields entry has a part of the wrong type")
        owners.setdefault(owner, set()).update(owned_paths(entry.get("fieldsV1") or {}))
    return owners


def lost_ownership(old: dict[str, Any], new: dict[str, Any], request_manager: str) -> list[dict[str, Any]]:
    """Return `{manager, operation, subresource, paths}` for every loss of a path whose value this change leaves alone.

    A loss of `kubectl-client-side-apply` is explained too where the request's own manager gains the path: that is how
    kubectl moves an object to server-side apply. Entries of several versions of one manager count as one.
    """
    before, after = _by_owner(old), _by_owner(new)
    gained = _gained(before, after, request_manager)
    losses = []
    for owner, paths in sorted(before.items()):
        lost = paths - after.get(owner, set())
        if owner[0] == CLIENT_SIDE_APPLY:
            lost -= gained
        unexplained = [list(path) for path in lost if not _changes(old, new, path)]
        if unexplained:
            manager, operation, subresource = owner
            losses.append(
                {
                    "manager": manager,
                    "operation": operation,
                    "subresource": subresource,
                    "paths": sorted(unexplained, key=canonical),
                }
            )
    return losses


def _gained(before: dict[Owner, set[FieldPath]], after: dict[Owner, set[FieldPath]], manager: str) -> set[FieldPath]:
    gained: set[FieldPath] = set()
    for owner, paths in after.items():
        if owner[0] == manager:
            gained |= paths - before.get(owner, set())
    return gained


def _changes(old: dict[str, Any], new: dict[str, Any], path: FieldPath) -> bool:
    """Whether the value at `path` differs between the two objects, its coming and going included."""
    one, other = _value(old, path), _value(new, path)
    if one is ABSENT or other is ABSENT:
        return one is not other
    return not same(one, other)


def _value(value: Any, path: FieldPath) -> Any:
    for key in path:
        kind, _, rest = key.partition(":")
        if kind == "f":
            value = value.get(rest, ABSENT) if type(value) is dict else ABSENT
        else:
            value = _item(value, kind, rest)
        if value is ABSENT:
            return ABSENT
    return value


def _item(items: Any, kind: str, text: str) -> Any:
    if type(items) is not list:
        return ABSENT
    try:
        wanted = json.loads(text)
    except ValueError:
        raise UnreadableError("a managedFields path is not JSON") from None
    if kind == "i":
        return items[wanted] if type(wanted) is int and 0 <= wanted < len(items) else ABSENT
    if kind == "v":
        return next((item for item in items if same(item, wanted)), ABSENT)
    if kind == "k" and type(wanted) is dict:
        return next((item for item in items if type(item) is dict and _has(item, wanted)), ABSENT)
    raise UnreadableError("a managedFields path has an unknown step")


def _has(item: dict[str, Any], keys: dict[str, Any]) -> bool:
    return all(key in item and same(item[key], value) for key, value in keys.items())
