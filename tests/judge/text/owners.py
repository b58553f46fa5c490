"""Which field managers lose or gain which fields although their values do not change."""

import json
from collections.abc import Iterator
from typing import Any

from tests.judge.text.request import Request
from tests.judge.text.values import ABSENT, LAST_APPLIED, canonical, get, same

Owner = tuple[str, ...]
KEYS = ("manager", "operation", "subresource", "apiVersion")
Path = tuple[str, ...]
HANDED_ON: Path = ("f:metadata", "f:annotations", f"f:{LAST_APPLIED}")
CLIENT_SIDE_APPLY = "kubectl-client-side-apply"


def ownership(request: Request) -> list[dict[str, Any]]:
    """Return the moves that the change itself does not explain, by manager, operation and subresource."""
    old, new = request.old, request.object
    own = _own_manager(request, _owned(old), _owned(new))
    before, after = _owned(old, own), _owned(new, own)
    owners = sorted({**before, **after})
    gains = {owner: after.get(owner, set()) - before.get(owner, set()) for owner in owners}
    losses = {owner: before.get(owner, set()) - after.get(owner, set()) for owner in owners}
    moves = []
    for owner in owners:
        lost = [
            path
            for path in _listed(losses[owner], before.get(owner, set()), set().union(*after.values()))
            if not _moves(path, old, new)
            and not (owner[0] == CLIENT_SIDE_APPLY and any(path in gains[o] for o in owners if o[0] == own))
        ]
        gained = [
            path
            for path in _listed(gains[owner], after.get(owner, set()), _of_kubectl(owner, gains[owner]))
            if owner[0] != own or not _brings(path, old, new)
        ]
        versions = {o[3] for o in before if o[:3] == owner[:3]}
        is_new = bool(versions) and any(o[:3] == owner[:3] and o[3] not in versions for o in after)
        move: dict[str, Any] = {key: part for key, part in zip(KEYS, owner, strict=True) if key != KEYS[3] or is_new}
        lists = {key: _sorted(paths) for key, paths in (("paths", lost), ("gained", gained)) if paths}
        moves += [{**move, **lists}] if lists else []
    return moves


def _of_kubectl(owner: Owner, gained: set[Path]) -> set[Path]:
    """Only kubectl hands the annotation on, between its own managers."""
    return gained if owner[0].startswith("kubectl") else set()


def _owned(obj: Any, own: str | None = None) -> dict[Owner, set[Path]]:
    """Return who owns what: by version, but for the request's own manager, who may write through another one."""
    result: dict[Owner, set[Path]] = {}
    entries = get(obj, ("metadata", "managedFields"))
    for entry in entries if isinstance(entries, list) else []:
        manager, *others, version = (entry.get(key, "") for key in KEYS)
        owner = (manager, *others, "" if manager == own else version)
        result.setdefault(owner, set()).update(_paths(entry.get("fieldsV1") or {}))
    return result


def _paths(tree: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    for step, below in tree.items():
        if step == ".":
            yield path
        elif below:
            yield from _paths(below, (*path, step))
        else:
            yield (*path, step)


def _own_manager(request: Request, before: dict[Owner, set[Path]], after: dict[Owner, set[Path]]) -> str | None:
    """The request's own manager; where it named none, the one owner that gains anything."""
    named = request.options.get("fieldManager")
    owners = {owner[:3] for owner in after}
    gaining = {
        owner[0] for owner in owners if _of_any_version(after, owner) - _of_any_version(before, owner) - {HANDED_ON}
    }
    return named or (gaining.pop() if len(gaining) == 1 else None)


def _of_any_version(owned: dict[Owner, set[Path]], owner: Owner) -> set[Path]:
    return set().union(*(paths for other, paths in owned.items() if other[:3] == owner))


def _listed(moved: set[Path], owned: set[Path], handed_on: set[Path]) -> set[Path]:
    """Not listed are the `.` of fields with owned parts, and the last-applied annotation where it is handed on.

    The `.` of an item of a list is not one of a field: it says who brought the item.
    """
    dots = {path for path in moved if path[-1].startswith("f:") and _has_parts(path, owned)}
    return moved - dots - ({HANDED_ON} & handed_on)


def _moves(path: Path, old: Any, new: Any) -> bool:
    """Whether this very change sets or removes what stands there; an item of a list comes or goes, it is never set."""
    was, becomes = _at(path, old), _at(path, new)
    if path[-1].startswith("k:"):
        return bool(was) != bool(becomes)
    return not same(was, becomes)


def _brings(path: Path, old: Any, new: Any) -> bool:
    """Whether this very change sets or brings what stands there; an item of a list is brought."""
    was, becomes = _at(path, old), _at(path, new)
    return bool(becomes) and not (was if path[-1].startswith("k:") else same(was, becomes))


def _has_parts(path: Path, owned: set[Path]) -> bool:
    return any(path == part[: len(path)] for part in owned - {path})


def _at(path: Path, value: Any) -> list[Any]:
    """Return what a path of managedFields leads to: nothing, or a value (or items of one key)."""
    found = [value]
    for step in path:
        kind, _, what = step.partition(":")
        found = [inner for outer in found for inner in _below(kind, what, outer)]
    return found


def _below(kind: str, what: str, value: Any) -> list[Any]:
    if kind == "f":
        found = get(value, (what,))
        return [] if found is ABSENT else [found]
    if not isinstance(value, list):
        return []
    said = json.loads(what)
    if kind == "k":
        return [
            item for item in value if isinstance(item, dict) and all(same(item.get(key), said[key]) for key in said)
        ]
    return [item for item in value if same(item, said)] if kind == "v" else value[said : said + 1]


def _sorted(paths: list[Path]) -> list[list[str]]:
    return sorted((list(path) for path in paths), key=canonical)
