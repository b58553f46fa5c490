"""The changed fields with old and new value."""

from collections.abc import Iterator
from typing import Any

from tests.judge.text.values import ABSENT, by_name, canonical, same

Field = dict[str, Any]


def fields(old: Any, new: Any) -> list[Field]:
    """Return what an UPDATE changes, in the order of the canonical bytes of the paths."""
    return sorted(_changed([], old, new), key=lambda field: canonical(field["path"]))


def _changed(path: list[Any], old: Any, new: Any) -> Iterator[Field]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _map(path, old, new)
    elif by_name(old) is not None and by_name(new) is not None:
        yield from _named(path, by_name(old) or {}, by_name(new) or {})
    # "Every other list is atomic."
    elif not same(old, new):
        yield {"path": path, "from": old, "to": new}


def _map(path: list[Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[Field]:
    for key in {**old, **new}:
        below = [*path, key]
        if key not in old:
            yield from ({"path": place, "to": value} for place, value in _leaves(below, new[key]))
        elif key not in new:
            yield from ({"path": place, "from": value} for place, value in _leaves(below, old[key]))
        else:
            yield from _changed(below, old[key], new[key])
    # A map left empty is written as such.
    if old and not new:
        yield {"path": path, "to": {}}


def _leaves(path: list[Any], value: Any) -> Iterator[tuple[list[Any], Any]]:
    """A map that appears or goes is written as its leaves."""
    if isinstance(value, dict) and value:
        for key in value:
            yield from _leaves([*path, key], value[key])
    else:
        yield path, value


def _named(path: list[Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[Field]:
    """Compare by name: an item on both sides is descended into, one that comes or goes is written whole."""
    for name in {**old, **new}:
        below, was, becomes = [*path, {"name": name}], old.get(name, ABSENT), new.get(name, ABSENT)
        if was is ABSENT:
            yield {"path": below, "to": becomes}
        elif becomes is ABSENT:
            yield {"path": below, "from": was}
        else:
            yield from _changed(below, was, becomes)
    # "Only if the result differs from what stayed in the old order, then what came, by name."
    if list(new) != [name for name in old if name in new] + sorted(name for name in new if name not in old):
        yield {"path": path, "order": list(new)}
