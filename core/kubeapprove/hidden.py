"""Which values of an object an approval never shows: bound by a keyed digest, and replaced out of band.

Hidden are every value of a Secret, a last-applied annotation that quotes a hidden value, values of container env
entries whose name says so, and what the installation names by JSON pointer. All of it is installation-wide: a hash
never depends on a policy. Where a rule could be read either way it hides.

And wherever one of these values stands a second time: a JSON patch can copy a value that its sender cannot read to
where it would be shown, or rename the env entry that it belongs to (HiddenValues).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from kubeapprove import lastapplied
from kubeapprove.canonical import canonical
from kubeapprove.fields import ABSENT
from kubeapprove.request import Operation, Request
from kubeapprove.strictjson import UnreadableError, loads

DEFAULT_ENV_SUFFIXES = (
    "PASSWORD",
    "PASSWD",
    "TOKEN",
    "SECRET",
    "SECRET_KEY",
    "ACCESS_KEY",
    "API_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
)
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
_NODES = (dict, list)
_MIN_WHOLE = 4
_MIN_PART = 8
_TELLS_NOTHING = frozenset(("true", "false", "null", "none"))
_FEW = 8
"""Parts that are searched for one by one, by C code."""
_MAX_STEPS = 2
"""Comparisons for each character of a text."""
_LAST_APPLIED = ("metadata", "annotations", lastapplied.ANNOTATION)


@dataclass(frozen=True, slots=True)
class Item:
    """A step into a list: the position where it is known, the item's name where it has one."""

    index: int | None
    name: str | None

    def matches(self, token: str) -> bool:
        """Whether a JSON pointer's token means this item. Where the position is unknown any number may."""
        if token in ("*", self.name):
            return True
        return token.isdigit() if self.index is None else token == str(self.index)


ObjectPath = tuple[str | Item, ...]


@dataclass(frozen=True, slots=True)
class Hiding:
    """The installation's rules and the key that only the webhook holds."""

    key: bytes
    env_suffixes: tuple[str, ...] = DEFAULT_ENV_SUFFIXES
    pointers: tuple[tuple[str, ...], ...] = ()

    def hidden_key(self, request: Request, path: ObjectPath, value: Any) -> str | None:
        """Return the key that goes into the digest of the scalar at `path`, or None where it is shown."""
        if _is_secret(request) and path[:1] in (("data",), ("stringData",)):
            return str(path[1]) if len(path) > 1 else str(path[0])
        if (name := _env_name(path)) is not None and self._names_secret(name):
            return name
        if (pointer := next((pointer for pointer in self.pointers if _covers(pointer, path)), None)) is not None:
            return "/".join(("", *pointer))
        if path == _LAST_APPLIED and (_is_secret(request) or self._quotes_hidden(request, value)):
            return lastapplied.ANNOTATION
        return None

    def _names_secret(self, name: Any) -> bool:
        return type(name) is str and name.upper().endswith(_upper(self.env_suffixes))

    def never_hides(self, request: Request, step: str | Item) -> bool:
        """Whether no value whose path ends in `step` could be hidden: the quick answer for nearly every value."""
        return not self.pointers and not _is_secret(request) and step not in ("value", lastapplied.ANNOTATION)

    def values(self, request: Request) -> "HiddenValues":
        """Return every value that is hidden by its place in the old object or the new one."""
        # What a CONNECT calls its object are its options: nothing in them has a place in an object.
        objects = () if request.operation is Operation.CONNECT else (request.old_object, request.object)
        found = (hidden for obj in objects if obj is not None for hidden in self._hidden(request, obj))
        forms = (form for path, value in found for form in _forms(value, encoded=_is_encoded(request, path)))
        return HiddenValues(forms, said={request.name, request.namespace})

    def _hidden(self, request: Request, obj: dict[str, Any]) -> Iterator[tuple[ObjectPath, Any]]:
        yield from self._hidden_by_place(request, obj)
        annotation = lastapplied.annotation_of(obj)
        if annotation is not ABSENT and self.hidden_key(request, _LAST_APPLIED, annotation) is not None:
            yield _LAST_APPLIED, annotation
            if type(annotation) is str:
                with suppress(UnreadableError):
                    yield from self._hidden_by_place(request, loads(annotation.encode("utf-8")))

    def _hidden_by_place(self, request: Request, obj: Any) -> Iterator[tuple[ObjectPath, Any]]:
        """Yield what hidden_key hides, but for what only an annotation that quotes it makes hidden.

        A Secret is looked at value by value; anything else only where something hidden could be.
        """
        if _is_secret(request):
            candidates: Iterable[tuple[ObjectPath, Any]] = scalars((), obj)
        else:
            candidates = (
                *_env_values(obj, self._names_secret),
                *(one for pointer in self.pointers for one in _pointed((), obj, pointer)),
            )
        for path, value in candidates:
            if path != _LAST_APPLIED and self.hidden_key(request, path, value) is not None:
                yield path, value

    def _quotes_hidden(self, request: Request, annotation: Any) -> bool:
        if type(annotation) is not str:
            return False
        try:
            document = loads(annotation.encode("utf-8"))
        except UnreadableError:
            return True  # nobody can tell what it quotes
        return any(True for _ in self._hidden_by_place(request, document))

    def digest(self, request: Request, path: ObjectPath, key: str, value: Any) -> dict[str, Any]:
        """Return `{mac, length, json?}` of a hidden value: HMAC-SHA-256 over the JCS array [namespace, key, base64].

        `length` counts the decoded bytes. `json` marks a value that is no string: its JCS bytes are digested, and the
        mark keeps the number 1 from sharing a digest with the string "1".
        """
        data, is_text = _bytes(value, encoded=_is_encoded(request, path))
        message = canonical([request.namespace, key, base64.b64encode(data).decode("ascii")])
        mac = hmac.new(self.key, message, hashlib.sha256).hexdigest()
        return {"mac": mac, "length": len(data)} | ({} if is_text else {"json": True})


class HiddenValues:
    """The hidden values of one request, wherever else they stand.

    * Hidden is what equals one of `_MIN_WHOLE` characters or more (numbers: as written). Shorter ones, `true` and its
      like stand everywhere: hiding them would make changes unreadable, and whoever patches learns them by guessing.
    * Hidden is a text that contains one of `_MIN_PART` characters or more: a connection string, JSON that quotes it.
    * Not what the change says anyway: the object's name and namespace.

    Time grows with the text that is looked at, whatever the values: see _holds_part.
    """

    def __init__(self, values: Iterable[Any], said: Iterable[str] = ()) -> None:
        self._whole = {value for value in values if _is_telling(value)}.difference(said)
        self._parts = {
            form
            for value in self._whole
            if type(value) is str and len(value) >= _MIN_PART
            for form in (value, *_in_json(value))
        }
        self._shortest = min(map(len, self._parts), default=0)
        beginnings: dict[str, set[int]] = {}
        for part in self._parts:
            beginnings.setdefault(part[:_MIN_PART], set()).add(len(part))
        self._lengths = {beginning: sorted(lengths) for beginning, lengths in beginnings.items()}

    def __bool__(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self._whole)

    def hold(self, value: Any) -> bool:
        """Whether a scalar is, or contains, a hidden value."""
        if not self._whole:
            return False
        return value in self._whole or (type(value) is str and self._holds_part(value))

    def _holds_part(self, text: str) -> bool:
        """Whether a text contains one of the parts, in time that grows with the text only.

        Many parts are looked up by their first characters. Many different ones that begin alike, again and again in one
        text, are somebody's work: such a text is hidden unread. That does not depend on any order: a text without parts
        takes the same number of steps each time.
        """
        if not self._parts or len(text) < self._shortest:
            return False
        if len(self._parts) <= _FEW:
            return any(part in text for part in self._parts)
        steps = 0
        for at in range(len(text) - _MIN_PART + 1):
            for length in self._lengths.get(text[at : at + _MIN_PART], ()):
                if at + length > len(text):
                    break
                if text[at : at + length] in self._parts:
                    return True
                steps += 1 + length // 64
            if steps > _MAX_STEPS * len(text):
                return True
        return False


def _is_telling(value: Any) -> bool:
    if type(value) is str:
        return len(value) >= _MIN_WHOLE and value.lower() not in _TELLS_NOTHING
    return type(value) in (int, float) and len(str(value).removesuffix(".0")) >= _MIN_WHOLE


def _in_json(text: str) -> Iterator[str]:
    """Yield how JSON quotes a text: as it is, as Python escapes it, as Go does."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    yield plain
    yield json.dumps(text)[1:-1]
    yield plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _forms(value: Any, *, encoded: bool) -> Iterator[Any]:
    """Yield a hidden value, and the text that it encodes: a Secret's data stands in base64."""
    yield value
    if encoded and type(value) is str:
        with suppress(ValueError):  # no base64, no text
            yield base64.b64decode(value, validate=True).decode("utf-8")


def scalars(path: ObjectPath, value: Any) -> Iterator[tuple[ObjectPath, Any]]:
    """Yield every value below `path` that is neither map nor list, with its path."""
    if type(value) is dict:
        for key, item in value.items():
            yield from scalars((*path, key), item)
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from scalars((*path, list_item(index, item)), item)
    else:
        yield path, value


def list_item(index: int, item: Any) -> Item:
    """Return the step to an item whose position is known."""
    name = item.get("name", ABSENT) if type(item) is dict else ABSENT
    return Item(index, name if type(name) is str else None)


@cache
def _upper(suffixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(suffix.upper() for suffix in suffixes)


def _is_encoded(request: Request, path: ObjectPath) -> bool:
    return _is_secret(request) and path[:1] == ("data",)


def _is_secret(request: Request) -> bool:
    return (request.resource.group, request.resource.resource) == ("", "secrets")


def _env_values(obj: Any, names_secret: Callable[[Any], bool]) -> Iterator[tuple[ObjectPath, Any]]:
    """Yield the values of containers' env entries by name, each with as much of its path as says what it is.

    Fast, since it looks through every object: only maps and lists are visited.
    """
    level = [obj]
    while level:
        for node in level:
            if type(node) is dict:
                for kind in _CONTAINER_LISTS:
                    if kind in node:
                        yield from _env_values_of(kind, node[kind], names_secret)
        level = [item for node in level for item in _children(node) if type(item) in _NODES]


def _children(node: Any) -> Iterable[Any]:
    if type(node) is list:
        return node
    # managedFields hold names of fields, no values, and are often the larger half.
    return [item for key, item in node.items() if key != "managedFields"] if "managedFields" in node else node.values()


def _env_values_of(kind: str, containers: Any, names_secret: Callable[[Any], bool]) -> Iterator[tuple[ObjectPath, Any]]:
    for at, container in enumerate(containers if type(containers) is list else ()):
        env = container.get("env") if type(container) is dict else None
        for index, entry in enumerate(env if type(env) is list else ()):
            if type(entry) is dict and names_secret(entry.get("name")) and type(entry.get("value", {})) not in _NODES:
                yield (kind, list_item(at, container), "env", list_item(index, entry), "value"), entry["value"]


def _pointed(path: ObjectPath, value: Any, pointer: tuple[str, ...]) -> Iterator[tuple[ObjectPath, Any]]:
    """Yield every scalar that a pointer covers."""
    if not pointer:
        yield from scalars(path, value)
        return
    steps: Iterable[tuple[str | Item, Any]] = ()
    if type(value) is dict:
        steps = value.items()
    elif type(value) is list:
        steps = ((list_item(index, item), item) for index, item in enumerate(value))
    for step, item in steps:
        if _covers(pointer[:1], (step,)):
            yield from _pointed((*path, step), item, pointer[1:])


def _env_name(path: ObjectPath) -> str | None:
    """The name of the env entry whose `value` is at `path`: …/containers/<item>/env/<item>/value, in any kind."""
    if path[-1:] != ("value",):
        return None
    match path[-5:]:
        case (containers, Item(), "env", Item(name=str(name)), _) if containers in _CONTAINER_LISTS:
            return name
    return None


def _covers(pointer: tuple[str, ...], path: ObjectPath) -> bool:
    """Whether the pointer names the value at `path` or something that contains it."""
    return len(pointer) <= len(path) and all(
        step.matches(token) if isinstance(step, Item) else token in (step, "*")
        for token, step in zip(pointer, path, strict=False)
    )


def _bytes(value: Any, *, encoded: bool) -> tuple[bytes, bool]:
    """The bytes that are digested, and whether they are a text's (or a base64 text's)."""
    if type(value) is int:
        return str(value).encode("ascii"), False  # JCS has no form for big ones, and this one for all others
    if type(value) is not str:
        return canonical(value), False
    if not encoded:
        return value.encode("utf-8"), True
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError:  # no base64, or no ASCII: only a review that no API server sent
        return canonical(value), False
    return (data, True) if base64.b64encode(data).decode("ascii") == value else (canonical(value), False)
