"""Who owns which field, and who loses ownership without losing the field.

`metadata.managedFields` is left out of a change: the server writes it. But a request can also wipe another manager's
entry (`managedFields: [{}]`, a forced apply of equal values), and that changes what the other's next apply removes. So
every loss that the changed values do not explain is part of the change.

Source: FieldsV1 of meta.k8s.io/v1; sigs.k8s.io/structured-merge-diff fieldpath serialisation (`f:` field, `k:` item by
keys, `v:` item by value, `i:` item by index, `.` the thing itself).
"""

import json
from typing import Any

from kubeapprove.canonical import canonical, same
from kubeapprove.fields import ABSENT
from kubeapprove.lastapplied import ANNOTATION
from kubeapprove.strictjson import UnreadableError, loads

FieldPath = tuple[str, ...]
Owner = tuple[str, str, str]
CLIENT_SIDE_APPLY = "kubectl-client-side-apply"
_ANNOTATION = ("f:metadata", "f:annotations", "f:" + ANNOTATION)


def managed_fields(obj: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of an object's managedFields; raises UnreadableError where they are not a list of objects."""
    entries = obj.get("metadata", {}).get("managedFields") or []
    if type(entries) is not list or not all(type(entry) is dict for entry in entries):
        raise UnreadableError("managedFields is not a list of objects")
    return entries


def owned_paths(fields: Any) -> set[FieldPath]:
    """Return every path of a FieldsV1 tree; a leaf and a `.` both stand for the thing itself."""
    found: set[FieldPath] = set()
    _collect(fields, (), found)
    return found


def _collect(fields: Any, prefix: FieldPath, found: set[FieldPath]) -> None:
    if type(fields) is not dict:
        raise UnreadableError("fieldsV1 is not an object")
    for key, below in fields.items():
        if key == ".":
            found.add(prefix)
        elif below == {}:
            found.add((*prefix, key))
        else:
            _collect(below, (*prefix, key), found)


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


def _by_owner(obj: dict[str, Any]) -> dict[Owner, list[Any]]:
    """Return each owner's FieldsV1 trees: one a version of the resource that it wrote."""
    owners: dict[Owner, list[Any]] = {}
    for entry in managed_fields(obj):
        owner = (entry.get("manager", ""), entry.get("operation", ""), entry.get("subresource", ""))
        if not all(type(part) is str for part in owner):
            raise UnreadableError("a managedFields entry has a part of the wrong type")
        owners.setdefault(owner, []).append(entry.get("fieldsV1") or {})
    return owners


def lost_ownership(old: dict[str, Any], new: dict[str, Any], request_manager: str) -> list[dict[str, Any]]:
    """Return `{manager, operation, subresource, paths}` for every loss of a path that this change does not explain.

    It explains the loss of what it sets, brings or removes. An item of a list of which the owner keeps a part, or loses
    one without explanation, is not set by a change of something else in it. That a field with owned parts exists (its
    `.`) is no path of its own here: the parts say so. A loss of `kubectl-client-side-apply` is explained too where the
    request's own manager gains the path: that is how kubectl moves an object to server-side apply. So is, for all, the
    loss of the last-applied annotation while somebody still owns it: kubectl hands it on between its managers. Entries
    of several versions of one manager count as one.
    """
    before, after = _by_owner(old), _by_owner(new)
    differing = {owner for owner, trees in before.items() if trees != after.get(owner)}
    gained: set[FieldPath] = set()
    if any(manager == CLIENT_SIDE_APPLY for manager, *_ in differing):
        for owner in after:
            if owner[0] == request_manager:
                gained |= _paths(after[owner]) - _paths(before.get(owner, []))
    handed_on = {_ANNOTATION} if owns(managed_fields(new), _ANNOTATION) else set()
    then, now = _Values(old), _Values(new)
    losses = []
    for owner in sorted(differing):
        manager, operation, subresource = owner
        paths, kept = _paths(before[owner]), _paths(after.get(owner, []))
        lost = paths - kept - (gained if manager == CLIENT_SIDE_APPLY else set()) - handed_on
        lost -= {path for path in _parents(paths) if path[-1:] and path[-1].startswith("f:")}
        unexplained = {path for path in lost if _same(then.at(path), now.at(path))}
        held = _parents((paths & kept) | unexplained)
        unexplained |= {path for path in lost & held if ABSENT not in (then.at(path), now.at(path))}
        if unexplained:
            listed = sorted((list(path) for path in unexplained), key=canonical)
            losses.append({"manager": manager, "operation": operation, "subresource": subresource, "paths": listed})
    return losses


def _paths(trees: list[Any]) -> set[FieldPath]:
    return {path for tree in trees for path in owned_paths(tree)}


def _parents(paths: set[FieldPath]) -> set[FieldPath]:
    return {path[:end] for path in paths for end in range(len(path))}


def _same(one: Any, other: Any) -> bool:
    return one is other if one is ABSENT or other is ABSENT else same(one, other)


class _Values:
    """The values of one object by managedFields path. Steps and lists are looked at once: time grows with the paths."""

    def __init__(self, obj: dict[str, Any]) -> None:
        self._known: dict[FieldPath, Any] = {(): obj}
        self._items: dict[tuple[FieldPath, tuple[str, ...]], dict[str, Any]] = {}

    def at(self, path: FieldPath) -> Any:
        """Return the value at `path`, ABSENT where there is none."""
        if path not in self._known:
            self._known[path] = self._below(path[:-1], path[-1])
        return self._known[path]

    def _below(self, prefix: FieldPath, step: str) -> Any:
        value = self.at(prefix)
        kind, _, text = step.partition(":")
        if kind == "f":
            return value.get(text, ABSENT) if type(value) is dict else ABSENT
        wanted = loads(text.encode("utf-8"))
        if kind == "i" and type(wanted) is int:
            return value[wanted] if type(value) is list and 0 <= wanted < len(value) else ABSENT
        if kind == "v" or (kind == "k" and type(wanted) is dict):
            keys = tuple(wanted) if kind == "k" else ()
            return self._index(prefix, keys).get(_exact(wanted), ABSENT)
        raise UnreadableError("a managedFields path has an unknown step")

    def _index(self, path: FieldPath, keys: tuple[str, ...]) -> dict[str, Any]:
        """Return the items of the list at `path` by their `keys`; without keys, by all of it. First one wins."""
        if (path, keys) not in self._items:
            value = self.at(path)
            index: dict[str, Any] = {}
            for item in value if type(value) is list else []:
                if not keys:
                    index.setdefault(_exact(item), item)
                elif type(item) is dict and item.keys() >= set(keys):
                    index.setdefault(_exact({key: item[key] for key in keys}), item)
            self._items[path, keys] = index
        return self._items[path, keys]


def _exact(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
