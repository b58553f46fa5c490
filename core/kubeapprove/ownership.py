"""Who owns which field, and who loses or gains that without a change of the field.

`metadata.managedFields` is left out of a change: the server writes it. But a request can also wipe another manager's
entry (`managedFields: [{}]`, a forced apply of equal values), or make an entry say that a manager owns more than it
ever applied; both change what the other's next apply removes. So every loss and every gain that the changed values do
not explain is part of the change.

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
Owner = tuple[str, str, str, str]
"""Manager, operation, subresource and apiVersion."""
_HANDED_ON_BY = "kubectl"
_AS_SERVER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # making one costs more than its use
CLIENT_SIDE_APPLY = "kubectl-client-side-apply"
_OWNER = ("manager", "operation", "subresource", "apiVersion")
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
    """Return each owner's FieldsV1 trees."""
    owners: dict[Owner, list[Any]] = {}
    for entry in managed_fields(obj):
        manager, operation, subresource, version = (entry.get(key, "") for key in _OWNER)
        if not all(type(part) is str for part in (manager, operation, subresource, version)):
            raise UnreadableError("a managedFields entry has a part of the wrong type")
        owners.setdefault((manager, operation, subresource, version), []).append(entry.get("fieldsV1") or {})
    return owners


def _of_any_version(owners: dict[Owner, list[Any]], manager: str | None = None) -> dict[Owner, list[Any]]:
    """Return the owners with the versions of this one manager, or of each, taken for one."""
    merged: dict[Owner, list[Any]] = {}
    for (name, operation, subresource, version), trees in owners.items():
        kept = "" if manager in (None, name) else version
        merged.setdefault((name, operation, subresource, kept), []).extend(trees)
    return merged


def changed_ownership(old: dict[str, Any], new: dict[str, Any], request_manager: str) -> list[dict[str, Any]]:
    """Return `{manager, operation, subresource, apiVersion?, paths?, gained?}` for what the values do not explain.

    `paths` are lost. The change explains the loss of what it sets, brings or removes. An item of a list is brought or
    removed, never set: a change of something in it does not explain that its owner lost the item. A loss of
    `kubectl-client-side-apply` is explained too where the request's own manager gains the path: that is how kubectl
    moves an object to server-side apply, and the gain is listed.

    `gained` are owned now and were not before: the owner's next apply may remove them, or refuse other people's. The
    change explains a gain only of what it sets or brings, by the request's own manager (`request_manager`; where the
    client named none, by the one owner that gains anything). managedFields can be sent by a client, for any manager.

    For all: that a field with owned parts exists (its `.`) is no path of its own, the parts say so; and kubectl hands
    the last-applied annotation on between its managers. Entries of several versions of the request's own manager count
    as one, since it may write through another one. Anybody else's paths mean something else in another version, and
    the server forgets what a version does not have: their entries count by `apiVersion`, told where a new one came.
    """
    was, becomes = _by_owner(old), _by_owner(new)
    manager = request_manager or _only_gainer(was, becomes)
    before, after = _of_any_version(was, manager), _of_any_version(becomes, manager)
    if not (gains := _gains(before, after)):
        return []
    then, now = ValuesByPath(old), ValuesByPath(new)
    handed_on = {_ANNOTATION} if any(_ANNOTATION in _paths(trees) for trees in after.values()) else set()
    entries = []
    for owner in sorted(gains):
        paths, kept = _paths(before.get(owner, [])), _paths(after.get(owner, []))
        excused = _gained_by(manager, gains) if owner[0] == CLIENT_SIDE_APPLY else set()
        lost = _unexplained_losses(paths, paths - kept - excused - handed_on, then, now)
        is_own = owner[0] == manager
        gained = {path for path in gains[owner] - _dots(kept) if not (is_own and _brings(path, then, now))}
        if lost or gained:
            entries.append(_entry(owner, lost, gained, is_versioned=_has_new_version(owner, before, after)))
    return entries


def _gains(before: dict[Owner, list[Any]], after: dict[Owner, list[Any]]) -> dict[Owner, set[FieldPath]]:
    """Return what each owner whose entries differ owns now and did not before."""
    differing = {owner for owner in before.keys() | after.keys() if before.get(owner) != after.get(owner)}
    gains = {owner: _paths(after.get(owner, [])) - _paths(before.get(owner, [])) for owner in differing}
    return {
        owner: paths - {_ANNOTATION} if owner[0].startswith(_HANDED_ON_BY) else paths for owner, paths in gains.items()
    }


def _only_gainer(before: dict[Owner, list[Any]], after: dict[Owner, list[Any]]) -> str:
    """Return the one manager that gains anything, empty where there are more or none."""
    gains = _gains(_of_any_version(before), _of_any_version(after))
    gainers = {owner[0] for owner, paths in gains.items() if paths - {_ANNOTATION}}
    return next(iter(gainers)) if len(gainers) == 1 else ""


def _has_new_version(owner: Owner, before: dict[Owner, list[Any]], after: dict[Owner, list[Any]]) -> bool:
    """Whether an owner that was there has an entry of a version that it had none of."""
    versions = {other[3] for other in before if other[:3] == owner[:3]}
    return bool(versions) and any(other[:3] == owner[:3] and other[3] not in versions for other in after)


def claims_what_is_there(obj: dict[str, Any], request_manager: str) -> bool:
    """Whether a new object's managedFields are one manager's, the request's own, and name only what is in it.

    The quick answer for nearly every CREATE: nothing is gained then that the change does not bring. False says only
    that `changed_ownership` has to look.
    """
    entries = managed_fields(obj)
    managers = {str(entry.get("manager", "")) for entry in entries}
    is_one = managers <= {request_manager} if request_manager else len(managers) <= 1
    return is_one and all(_is_there(entry.get("fieldsV1"), obj) for entry in entries)


def _is_there(tree: Any, value: Any) -> bool:
    if type(tree) is not dict:
        return False
    items: dict[tuple[str, ...], dict[str, Any]] = {}
    for step, below in tree.items():
        if step == ".":
            continue
        if step.startswith("f:"):
            there = value.get(step[2:], ABSENT) if type(value) is dict else ABSENT
        else:
            there = _item_there(step, value, items)
        if there is ABSENT or not _is_there(below, there):
            return False
    return True


def _item_there(step: str, value: Any, items: dict[tuple[str, ...], dict[str, Any]]) -> Any:
    """Return a list's item by a `k:` step as the server writes it; `items` keeps what siblings looked at."""
    for index in items.values():
        if step in index:
            return index[step]
    if not step.startswith("k:") or type(value) is not list:
        return ABSENT
    wanted = loads(step[2:].encode("utf-8"))
    keys = tuple(wanted) if type(wanted) is dict else ()
    if not keys or keys in items:
        return ABSENT
    items[keys] = {
        "k:" + _AS_SERVER({key: item[key] for key in keys}): item
        for item in value
        if type(item) is dict and item.keys() >= set(keys)
    }
    return items[keys].get(step, ABSENT)


def _gained_by(manager: str, gains: dict[Owner, set[FieldPath]]) -> set[FieldPath]:
    return {path for owner, paths in gains.items() if owner[0] == manager for path in paths}


def _unexplained_losses(
    paths: set[FieldPath], lost: set[FieldPath], then: "ValuesByPath", now: "ValuesByPath"
) -> set[FieldPath]:
    return {path for path in lost - _dots(paths) if not _sets_or_removes(path, then, now)}


def _sets_or_removes(path: FieldPath, then: "ValuesByPath", now: "ValuesByPath") -> bool:
    """Whether this change explains that somebody lost `path`; an item of a list comes or goes, it is never set."""
    before, after = then.at(path), now.at(path)
    return (before is ABSENT) is not (after is ABSENT) if _is_item(path) else not _same(before, after)


def _brings(path: FieldPath, then: "ValuesByPath", now: "ValuesByPath") -> bool:
    """Whether this change sets or brings the value at `path`; an item of a list is brought, never set."""
    there = now.at(path)
    if there is ABSENT or (_is_item(path) and then.at(path) is not ABSENT):
        return False
    return not _same(then.at(path), there)


def _dots(paths: set[FieldPath]) -> set[FieldPath]:
    """The fields of which parts are owned: their own `.` says nothing more."""
    return {path for path in _parents(paths) if path and path[-1].startswith("f:")}


def _is_item(path: FieldPath) -> bool:
    """Whether a path ends at an item of a list by its keys."""
    return bool(path) and path[-1].startswith("k:")


def _entry(owner: Owner, lost: set[FieldPath], gained: set[FieldPath], *, is_versioned: bool) -> dict[str, Any]:
    entry: dict[str, Any] = dict(zip(_OWNER, owner[: 4 if is_versioned else 3], strict=False))
    for key, paths in (("paths", lost), ("gained", gained)):
        if paths:
            entry[key] = sorted((list(path) for path in paths), key=canonical)
    return entry


def _paths(trees: list[Any]) -> set[FieldPath]:
    return {path for tree in trees for path in owned_paths(tree)}


def _parents(paths: set[FieldPath]) -> set[FieldPath]:
    return {path[:end] for path in paths for end in range(len(path))}


def _same(one: Any, other: Any) -> bool:
    return one is other if one is ABSENT or other is ABSENT else same(one, other)


class ValuesByPath:
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
