"""Which values no approval may hold, and what binds them instead."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.judge.text import applied
from tests.judge.text.request import Request
from tests.judge.text.values import ABSENT, LAST_APPLIED, Route, canonical, everything, get, is_number, parsed, same

SUFFIXES = (
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
CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
SHORTEST_COPY, SHORTEST_PART = 4, 8

# Where a hidden value stands, by keys and positions, and the key that its digest is made with.
Hidden = dict[Route, str]


@dataclass(frozen=True, slots=True)
class Hiding:
    """The webhook's key and the installation's list of pointers, `*` being any one step."""

    key: bytes
    pointers: tuple[tuple[str, ...], ...] = ()


def hidden(obj: Any, request: Request, hiding: Hiding) -> Hidden:
    """Return the places in an object whose values are hidden for where they stand."""
    result: Hidden = {}
    for place, value in everything(obj):
        if not place or isinstance(value, dict | list) or value is None or place[:2] == ("metadata", "managedFields"):
            continue
        if request.is_of("", "secrets") and place[0] in ("data", "stringData"):
            result[place] = str(place[1]) if len(place) > 1 else str(place[0])
        elif name := _secret_env(obj, place):
            result[place] = name
        for pattern in hiding.pointers:
            if len(place) >= len(pattern) and all(p in ("*", str(s)) for p, s in zip(pattern, place, strict=False)):
                result[place] = "/" + "/".join(pattern)
    if _quotes_hidden(obj, request, hiding):
        result["metadata", "annotations", LAST_APPLIED] = LAST_APPLIED
    return result


def _secret_env(obj: Any, place: Route) -> str:
    """`value`s of container env entries whose name says so, in any case."""
    if len(place) < 5 or place[-1] != "value" or place[-3] != "env" or place[-5] not in CONTAINERS:
        return ""
    name = get(obj, (*place[:-1], "name"))
    return name if isinstance(name, str) and name.upper().endswith(SUFFIXES) else ""


def _quotes_hidden(obj: Any, request: Request, hiding: Hiding) -> bool:
    """A Secret's last-applied annotation, and any that quotes a hidden value (or cannot be read)."""
    text = get(obj, applied.ANNOTATION)
    if text is ABSENT:
        return False
    manifest = parsed(text)
    return request.is_of("", "secrets") or manifest is ABSENT or bool(hidden(manifest, request, hiding))


def digest(value: Any, place: Route, request: Request, hiding: Hiding, key: str) -> dict[str, Any]:
    """HMAC-SHA-256 over namespace, key and value, and the length in bytes; what is no text is marked `json`."""
    data = _decoded(value) if _is_data(place, request) else None
    is_text = isinstance(value, str) and (data is not None or not _is_data(place, request))
    if data is None:
        data = value.encode() if is_text else _json(value)
    message = canonical([request.namespace, key, base64.b64encode(data).decode()])
    mac = hmac.new(hiding.key, message, hashlib.sha256).hexdigest()
    return {"as": "secret", "mac": mac, "length": len(data)} | ({} if is_text else {"json": True})


def _json(value: Any) -> bytes:
    """JCS, and an integer by its digits: from 2^53 on JCS has none."""
    return str(value).encode() if is_number(value) and isinstance(value, int) else canonical(value)


def _is_data(place: Route, request: Request) -> bool:
    return request.is_of("", "secrets") and place[:1] == ("data",)


def _decoded(value: Any) -> bytes | None:
    """Return the bytes that base64 stands for, where it is written the one way that Kubernetes writes it."""
    if not isinstance(value, str):
        return None
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == value else None


class Copies:
    """Every text elsewhere in the change that is or holds a hidden value."""

    def __init__(self, request: Request, hiding: Hiding) -> None:
        self._values = [value for obj in (request.old, request.object) for value in _values(obj, request, hiding)]
        self._shown = ("true", "false", request.namespace)

    def hold(self, value: Any) -> bool:
        """Whether a text is a hidden value of four characters or holds one of eight; a number is one of four digits."""
        if not isinstance(value, str):
            return is_number(value) and any(
                same(value, one) and len(_json(one)) >= SHORTEST_COPY for one in self._values
            )
        texts = [text for one in self._values if isinstance(one, str) for text in _spellings(one)]
        return any(
            (value == text and len(text) >= SHORTEST_COPY and value.lower() not in self._shown)
            or (text in value and len(text) >= SHORTEST_PART)
            for text in texts
        )


def _values(obj: Any, request: Request, hiding: Hiding) -> Iterator[Any]:
    """Yield what is hidden in an object and in the manifest that its annotation quotes; of base64 what it stands for."""
    for place in hidden(obj, request, hiding):
        value = get(obj, place)
        yield value
        if _is_data(place, request) and (data := _decoded(value)) is not None:
            yield data.decode(errors="replace")
    manifest = parsed(get(obj, applied.ANNOTATION))
    if manifest is not ABSENT:
        yield from _values(manifest, request, hiding)


def _spellings(text: str) -> list[str]:
    """As it is, and as JSON quotes it: in ASCII, in UTF-8, or as Go does."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    go = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return [text, plain, go, json.dumps(text)[1:-1]]
