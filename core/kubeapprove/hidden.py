"""Which values of an object an approval never shows: bound by a keyed digest, and replaced out of band.

Hidden are every value of a Secret, a last-applied annotation that quotes a hidden value, values of container env
entries whose name says so, and what the installation names by JSON pointer. All of it is installation-wide: a hash
never depends on a policy. Where a rule could be read either way it hides.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from kubeapprove import lastapplied
from kubeapprove.canonical import canonical
from kubeapprove.fields import ABSENT
from kubeapprove.request import Request
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
        if (name := _env_name(path)) is not None and name.upper().endswith(_upper(self.env_suffixes)):
            return name
        if (pointer := next((pointer for pointer in self.pointers if _covers(pointer, path)), None)) is not None:
            return "/".join(("", *pointer))
        if path == _LAST_APPLIED and (_is_secret(request) or self._quotes_hidden(request, value)):
            return lastapplied.ANNOTATION
        return None

    def never_hides(self, request: Request, step: str | Item) -> bool:
        """Whether no value whose path ends in `step` could be hidden: the quick answer for nearly every value."""
        return not self.pointers and not _is_secret(request) and step not in ("value", lastapplied.ANNOTATION)

    def _quotes_hidden(self, request: Request, annotation: Any) -> bool:
        if type(annotation) is not str:
            return False
        try:
            document = loads(annotation.encode("utf-8"))
        except UnreadableError:
            return True  # nobody can tell what it quotes
        return any(
            path != _LAST_APPLIED and self.hidden_key(request, path, value) is not None
            for path, value in scalars((), document)
        )

    def digest(self, request: Request, path: ObjectPath, key: str, value: Any) -> dict[str, Any]:
        """Return `{mac, length, json?}` of a hidden value: HMAC-SHA-256 over the JCS array [namespace, key, base64].

        `length` counts the decoded bytes. `json` marks a value that is no string: its JCS bytes are digested, and the
        mark keeps the number 1 from sharing a digest with the string "1".
        """
        data, is_text = _bytes(value, encoded=_is_secret(request) and path[0] == "data")
        message = canonical([request.namespace, key, base64.b64encode(data).decode("ascii")])
        mac = hmac.new(self.key, message, hashlib.sha256).hexdigest()
        return {"mac": mac, "length": len(data)} | ({} if is_text else {"json": True})


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


def _is_secret(request: Request) -> bool:
    return (request.resource.group, request.resource.resource) == ("", "secrets")


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
    if type(value) is not str:
        return canonical(value), False
    if not encoded:
        return value.encode("utf-8"), True
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        return canonical(value), False
    return (data, True) if base64.b64encode(data).decode("ascii") == value else (canonical(value), False)
