"""What stands in a change as null, and what the list `replaced` says of it."""

import copy
import hashlib
from collections.abc import Iterator
from typing import Any

from tests.judge.text import server_made
from tests.judge.text.hiding import Copies, Hiding, digest, hidden
from tests.judge.text.request import Request
from tests.judge.text.values import EXACT, Route, by_name, canonical, everything, get, is_number, parsed, pointer

LONGEST_NEW, LONGEST_OLD, HEAD = 128 * 1024, 4 * 1024, 2 * 1024


def replace(document: dict[str, Any], request: Request, hiding: Hiding) -> tuple[dict[str, Any], list[str]]:
    """Return the document with its list of what is replaced, and the pointers of new texts that are cut."""
    made = {("object", *place): kind for place, kind in server_made.found(request).items()}
    secret = _hidden_by_place(document, request, hiding)
    copies = Copies(request, hiding)
    entries: dict[Route, dict[str, Any]] = {}
    for route, value in everything(document):
        if route[:1] not in (("object",), ("fields",), ("options",), ("ownership",)) or isinstance(value, dict | list):
            continue
        if route in made:
            entries[route] = {"as": made[route]}
        elif route in secret:
            place, key = secret[route]
            entries[route] = digest(value, place, request, hiding, key)
        elif any(copies.hold(said) for said in _all_said(route, value)):
            entries[route] = digest(value, (), request, hiding, pointer(route))
        elif route[0] == "fields" and route[2:] == ("to",) and server_made.is_restart(get(document, route[:2])):
            entries[route] = {"as": "time"}
        elif said := _said(route, value):
            entries[route] = said
    return _with_nulls(document, entries), [
        pointer(route) for route, entry in entries.items() if entry["as"] == "text" and not _is_old(route)
    ]


def _all_said(route: Route, value: Any) -> Iterator[Any]:
    """A step of ownership says the keys of an item, or a member of a set, as JSON."""
    yield value
    if route[0] == "ownership" and isinstance(value, str) and value[:2] in ("k:", "v:"):
        yield from (said for _, said in everything(parsed(value[2:])) if not isinstance(said, dict | list))


def _said(route: Route, value: Any) -> dict[str, Any]:
    """Integers from 2^53 on as digits; texts that are too long by digest, length and beginning."""
    if is_number(value) and isinstance(value, int) and abs(value) >= EXACT:
        return {"as": "integer", "digits": str(value)}
    if (
        not isinstance(value, str)
        or _is_in_path(route)
        or len(value.encode()) <= (LONGEST_OLD if _is_old(route) else LONGEST_NEW)
    ):
        return {}
    data = value.encode()
    head = data[:HEAD].decode(errors="ignore")
    return {"as": "text", "sha256": hashlib.sha256(data).hexdigest(), "length": len(data), "head": head}


def _is_old(route: Route) -> bool:
    return route[0] == "fields" and route[2] == "from"


def _is_in_path(route: Route) -> bool:
    return route[0] == "ownership" or (route[0] == "fields" and route[2] in ("path", "order"))


def _with_nulls(document: dict[str, Any], entries: dict[Route, dict[str, Any]]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    for route in entries:
        get(result, route[:-1])[route[-1]] = None
    said = [{"path": pointer(route), **entry} for route, entry in entries.items()]
    return {**result, "replaced": sorted(said, key=lambda entry: canonical(entry["path"]))}


def _hidden_by_place(document: dict[str, Any], request: Request, hiding: Hiding) -> dict[Route, tuple[Route, str]]:
    """Return where in the document a value of a hidden place of an object stands, with that place and its key."""
    new, old = hidden(request.object, request, hiding), hidden(request.old, request, hiding)
    if request.operation == "CREATE":
        return {("object", *place): (place, key) for place, key in new.items()}
    result: dict[Route, tuple[Route, str]] = {}
    for at, field in enumerate(document.get("fields", [])):
        for obj, places, part in ((request.old, old, "from"), (request.object, new, "to")):
            _in_path(result, ("fields", at, "path"), field["path"], obj, places)
            start = _standing(field["path"], obj)
            for place, key in places.items():
                if start is not None and part in field and place[: len(start)] == start:
                    result["fields", at, part, *place[len(start) :]] = (place, key)
        for number, name in enumerate(field.get("order", [])):
            named = _standing([*field["path"], {"name": name}, "name"], request.object)
            if named in new:
                result["fields", at, "order", number] = (named, new[named])
    return result


def _in_path(
    result: dict[Route, tuple[Route, str]], route: Route, path: list[Any], obj: Any, places: dict[Route, str]
) -> None:
    """The name of an item in a path is the value of its `name`."""
    for number, step in enumerate(path):
        if isinstance(step, dict):
            place = _standing([*path[: number + 1], "name"], obj)
            if place in places:
                result[*route, number, "name"] = (place, places[place])


def _standing(path: list[Any], obj: Any) -> Route | None:
    """Return where a field's path leads to in an object, by keys and positions; None where it leads nowhere."""
    route: list[str | int] = []
    for step in path:
        value = get(obj, tuple(route))
        if not isinstance(step, dict):
            route.append(step)
        elif step["name"] in (by_name(value) or {}):
            route.append(list(by_name(value) or {}).index(step["name"]))
        else:
            return None
    return tuple(route)
