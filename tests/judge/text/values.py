"""JSON values: the same or not, where something stands, what is there."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import rfc8785

ABSENT = object()
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
EXACT = 2**53  # from here on a number of JSON may be another one

# A place in an object: keys, positions, and the names of items as one-element tuples.
Step = str | int | tuple[str]
Place = tuple[Step, ...]
Route = tuple[str | int, ...]  # by keys and positions only


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes."""
    return rfc8785.dumps(value)


def same(one: Any, other: Any) -> bool:
    """Absent, `null`, `""`, `{}`, `[]`, `0`, `false` all differ; 1 and 1.0 are one number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if is_number(one) and is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def is_number(value: Any) -> bool:
    """Whether it is a number of JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def by_name(items: Any) -> dict[str, Any] | None:
    """Return the items of a list of objects with unique `name`s (an empty one is one), else None."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return None
    names = [item.get("name") for item in items]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    return dict(zip(names, items, strict=True))


def get(value: Any, place: Place) -> Any:
    """Return what stands there, or ABSENT."""
    for step in place:
        if isinstance(step, tuple):
            value = (by_name(value) or {}).get(step[0], ABSENT)
        elif isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else ABSENT
        else:
            value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def without(value: Any, *places: Place) -> Any:
    """Return a copy without what stands at the places."""
    result = copy.deepcopy(value)
    for place in places:
        if get(result, place) is not ABSENT:
            del get(result, place[:-1])[place[-1]]
    return result


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield what has nothing below it; a list of objects by name or position, any other as it is."""
    if isinstance(value, dict) and value:
        for key in value:
            yield from leaves(value[key], (*place, key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        steps: list[Step] = [(name,) for name in by_name(value) or ()] or list(range(len(value)))
        for step, item in zip(steps, value, strict=True):
            yield from leaves(item, (*place, step))
    elif place:
        yield place, value


def everything(value: Any, place: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Yield each value and each value below it, with its place by keys and positions."""
    yield place, value
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from everything(item, (*place, step))


def pointer(place: Route) -> str:
    """Return the JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def parsed(text: Any) -> Any:
    """Return what a JSON text says, or ABSENT where it has no single meaning."""
    try:
        return json.loads(text, object_pairs_hook=_once) if isinstance(text, str) else ABSENT
    except ValueError:
        return ABSENT


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice has no single meaning")
    return dict(pairs)
