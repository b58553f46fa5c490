"""What an UPDATE changes, field by field: `changed_fields(old, new)` and its inverse `apply_fields(old, fields)`.

The rules, and why:
* A path is a list of steps, never a joined string: a key with a dot or a slash cannot pass for another path.
  A step is a key, or `{"name": x}` for an item of a list whose items all have unique names.
* Such lists are compared by name: an item on both sides is descended into, one that comes or goes is written whole.
  Their order is an entry of its own, and only where the result differs from what stayed, in the old order, then what
  came, by name. Every other list is atomic: positions say nothing about identity.
* A map that appears or goes is written as its leaves, and a map left empty as `{path, to: {}}`; otherwise somebody
  else's first label on an object would void the approval of a second one.
* `from` and `to` are there where the value was, and is. Absent, null, "", {}, [], 0 and false all differ.
* Entries stand in the order of their paths' canonical bytes, so that one change has one document.

Lossless by construction: `apply_fields(old, changed_fields(old, new)) == new`, which a property test proves.
"""

from typing import Any

from kubeapprove.canonical import canonical, identical, same

Step = str | dict[str, str]
Path = tuple[Step, ...]
Field = dict[str, Any]


class _Absent:
    """The value that is not there; null is a value."""


ABSENT = _Absent()


def changed_fields(old: dict[str, Any], new: dict[str, Any]) -> list[Field]:
    """Return the entries `{path, from?, to?}` and `{path, order}` that turn `old` into `new`; [] where equal."""
    if identical(old, new):
        return []
    found: list[Field] = []
    _compare((), old, new, found)
    return sorted(found, key=lambda entry: canonical(entry["path"]))


def _compare(path: Path, old: Any, new: Any, found: list[Field]) -> None:
    if type(old) is dict and type(new) is dict:
        _compare_maps(path, old, new, found)
    elif type(old) is list and type(new) is list and (names := named_lists(old, new)) is not None:
        _compare_named(path, names[0], names[1], found)
    elif old is ABSENT and type(new) is dict and new:
        _compare_maps(path, {}, new, found)
    elif new is ABSENT and type(old) is dict and old:
        _compare_maps(path, old, ABSENT, found)
    elif old is ABSENT or new is ABSENT or not same(old, new):
        found.append(_entry(path, old, new))


def _compare_maps(path: Path, old: dict[str, Any], new: Any, found: list[Field]) -> None:
    after: dict[str, Any] = {} if new is ABSENT else new
    for key in old.keys() | after.keys():
        _compare((*path, key), old.get(key, ABSENT), after.get(key, ABSENT), found)
    if old and new is not ABSENT and not new:
        found.append({"path": list(path), "to": {}})


def _compare_named(path: Path, old: dict[str, Any], new: dict[str, Any], found: list[Field]) -> None:
    for name in old.keys() | new.keys():
        step = (*path, {"name": name})
        if name in old and name in new:
            _compare(step, old[name], new[name], found)
        else:
            found.append(_entry(step, old.get(name, ABSENT), new.get(name, ABSENT)))
    if list(new) != _usual_order(old, new):
        found.append({"path": list(path), "order": list(new)})


def _usual_order(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [name for name in old if name in new] + sorted(name for name in new if name not in old)


def _entry(path: Path, old: Any, new: Any) -> Field:
    entry: Field = {"path": list(path)}
    if old is not ABSENT:
        entry["from"] = old
    if new is not ABSENT:
        entry["to"] = new
    return entry


def named_lists(*lists: list[Any]) -> tuple[dict[str, Any], ...] | None:
    """Return each list as name → item, in its order, where every item of all is a map with a name unique in its list.

    An empty list is one: then a first item that comes is an item that comes, and not another list.
    """
    result = []
    for items in lists:
        names: dict[str, Any] = {}
        for item in items:
            if type(item) is not dict or type(item.get("name")) is not str:
                return None
            names[item["name"]] = item
        if len(names) != len(items):
            return None
        result.append(names)
    return tuple(result)


def apply_fields(old: dict[str, Any], fields: list[Field]) -> dict[str, Any]:
    """Return what `fields`, as changed_fields wrote them, make of `old`. Does not check `from` against `old`."""
    result = _rebuild(old, [(tuple(entry["path"]), entry) for entry in fields])
    return {} if result is ABSENT else result


def _rebuild(old: Any, entries: list[tuple[Path, Field]]) -> Any:
    whole = next((entry for path, entry in entries if not path and "order" not in entry), None)
    order = next((entry["order"] for path, entry in entries if not path and "order" in entry), None)
    below: dict[str, list[tuple[Path, Field]]] = {}
    named = order is not None
    for path, entry in entries:
        if path:
            named = type(path[0]) is dict
            key = path[0]["name"] if type(path[0]) is dict else path[0]
            below.setdefault(str(key), []).append((path[1:], entry))
    if whole is not None and not below:
        return whole.get("to", ABSENT)
    if named:
        return _rebuild_list(old, below, order)
    return _rebuild_map({} if old is ABSENT else old, below, kept=whole is not None or not below)


def _rebuild_map(old: dict[str, Any], below: dict[str, list[tuple[Path, Field]]], *, kept: bool) -> Any:
    result = dict(old)
    for key, entries in below.items():
        value = _rebuild(old.get(key, ABSENT), entries)
        if value is ABSENT:
            del result[key]
        else:
            result[key] = value
    # A map that lost its last leaf went with it, unless an entry says that it stays empty.
    return result if result or kept else ABSENT


def _rebuild_list(old: list[Any], below: dict[str, list[tuple[Path, Field]]], order: list[str] | None) -> list[Any]:
    before = {item["name"]: item for item in old}
    after = dict(before)
    for name, entries in below.items():
        after[name] = _rebuild(before.get(name, ABSENT), entries)
    there = {name: item for name, item in after.items() if item is not ABSENT}
    return [there[name] for name in (order if order is not None else _usual_order(before, there))]
