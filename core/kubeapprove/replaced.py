"""Values that a change does not hold as they are: null in their place, and an entry in `replaced` that says what.

Out of band, so that no literal in an object can pass for a replacement: `{path, as, …}`, with `path` as JSON pointer
(RFC 6901) from the document's root.

Each rule and its reason:
* `secret`: see hidden.py; the real bytes are bound, and nothing of ours ever holds one.
* `integer`: from 2**53 on, either sign, as decimal digits: exact, never rounded by a JavaScript-like reader.
* `text`: what is too long to be read by an approver, by SHA-256, length and its beginning.
* `uid`: a Job's own uid that the server copied into selector and labels; a retry gets another.
* `name`: a generated name that the server copied into labels.
* `token volume`: the random name of the service account token's volume.
* `time`: the clock that `kubectl rollout restart` writes; after the diff, or a second restart would be no change.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kubeapprove.canonical import SAFE, canonical
from kubeapprove.fields import Field
from kubeapprove.hidden import Hiding, Item, ObjectPath, list_item
from kubeapprove.request import Request

MAX_TO = 128 * 1024
MAX_FROM = 4 * 1024
HEAD = 2 * 1024
RESTARTED_AT = ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")

Pointer = tuple[str | int, ...]
Marks = Mapping[Pointer, str]


class Replacer:
    """Walks the parts of one change's document; collects `replaced` and which `to` texts were cut."""

    def __init__(self, request: Request, hiding: Hiding) -> None:
        self._request = request
        self._hiding = hiding
        self._entries: list[dict[str, Any]] = []
        self.cut: list[str] = []

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The `replaced` list, in the order of the pointers' canonical bytes."""
        return sorted(self._entries, key=lambda entry: canonical(entry["path"]))

    def object(self, obj: dict[str, Any], marks: Marks) -> Any:
        """Return the object of a CREATE; `marks` says what the server copied where (pointers from the object)."""
        return self._walk(obj, ("object",), (), MAX_TO, {("object", *path): kind for path, kind in marks.items()})

    def options(self, options: dict[str, Any]) -> Any:
        """Return the options of a DELETE or CONNECT; nothing in them is hidden."""
        return self._walk(options, ("options",), None, MAX_TO, {})

    def fields(self, fields: list[Field]) -> list[Field]:
        """Return the fields of an UPDATE."""
        return [self._field(index, entry) for index, entry in enumerate(fields)]

    def _field(self, index: int, entry: Field) -> Field:
        path = tuple(step if type(step) is str else Item(None, step["name"]) for step in entry["path"])
        result = dict(entry)
        for side, bound in (("from", MAX_FROM), ("to", MAX_TO)):
            if side in entry:
                pointer = ("fields", index, side)
                is_clock = side == "to" and path == RESTARTED_AT and _is_rfc3339(entry[side])
                result[side] = self._walk(entry[side], pointer, path, bound, {pointer: "time"} if is_clock else {})
        return result

    def _walk(self, value: Any, pointer: Pointer, path: ObjectPath | None, bound: int, marks: Marks) -> Any:
        """`path` is the value's place in the object, None where the value stands in no object."""
        if type(value) is dict:
            return {
                key: self._walk(item, (*pointer, key), None if path is None else (*path, key), bound, marks)
                for key, item in value.items()
            }
        if type(value) is list:
            return [
                self._walk(
                    item,
                    (*pointer, index),
                    None if path is None else (*path, list_item(index, item)),
                    bound,
                    marks,
                )
                for index, item in enumerate(value)
            ]
        if value is None:
            return None
        return self._scalar(value, pointer, path, bound, marks)

    def _scalar(self, value: Any, pointer: Pointer, path: ObjectPath | None, bound: int, marks: Marks) -> Any:
        key = None if path is None else self._hiding.hidden_key(self._request, path, value)
        if key is not None and path is not None:
            return self._put(pointer, "secret", self._hiding.digest(self._request, path, key, value))
        if pointer in marks:
            return self._put(pointer, marks[pointer], {})
        if type(value) is int and not -SAFE < value < SAFE:
            return self._put(pointer, "integer", {"digits": str(value)})
        if type(value) is str and len(value) * 4 > bound and len(data := value.encode("utf-8")) > bound:
            if bound == MAX_TO:
                self.cut.append(json_pointer(pointer))
            head = data[:HEAD].decode("utf-8", errors="ignore")
            return self._put(
                pointer, "text", {"sha256": hashlib.sha256(data).hexdigest(), "length": len(data), "head": head}
            )
        return value

    def _put(self, pointer: Pointer, kind: str, facts: dict[str, Any]) -> None:
        self._entries.append({"path": json_pointer(pointer), "as": kind, **facts})


def json_pointer(path: Pointer) -> str:
    """Return the RFC 6901 form of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _is_rfc3339(value: Any) -> bool:
    if type(value) is not str or len(value) < len("2026-01-01T00:00:00Z") or value[10] != "T":
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
