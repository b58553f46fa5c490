"""JSON as the gate reads it: one meaning or none.

A review that two parsers could read differently is refused: duplicate keys, NaN and infinities, lone surrogates,
numbers beyond what Python will parse, and nesting that would exhaust a recursive reader. orjson cannot see duplicate
keys, therefore the standard library does the parsing (RFC 8259 section 4, RFC 7493).
"""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 200
"""Levels of nesting. Deep enough for CRD schemas and their managedFields; shallow enough for recursion everywhere."""
_CONTAINERS = (dict, list)


class UnreadableError(ValueError):
    """The bytes or the document have no single meaning; the message says why, never what they hold."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise UnreadableError("an object holds the same key twice")
    return result


def _constant(_: str) -> NoReturn:
    raise UnreadableError("NaN and infinities are not JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableError("a number is beyond the range of a double")
    return value


def loads(body: bytes) -> Any:
    """Parse strict JSON from UTF-8 bytes; raises UnreadableError and nothing else."""
    try:
        text = body.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except UnreadableError:
        raise
    except RecursionError:
        raise UnreadableError("the document is nested too deeply") from None
    except ValueError:  # UnicodeDecodeError, JSONDecodeError, the digit limit of int(): their texts quote the input
        raise UnreadableError("the document is not JSON in UTF-8") from None
    check(document, surrogates="\\ud" in text or "\\uD" in text)
    return document


def check(document: Any, *, surrogates: bool = True) -> None:
    """Raise UnreadableError where a parsed document is too deep or holds a lone surrogate.

    The depth is counted iteratively, so that the check itself survives any. `surrogates=False` skips the strings: right
    where the text held no escape that could have made one.
    """
    level, depth = [document] if type(document) in _CONTAINERS else [], 0
    while level:
        if depth == MAX_DEPTH:
            raise UnreadableError("the document is nested too deeply")
        level = [
            child
            for value in level
            for child in (value.values() if type(value) is dict else value)
            if type(child) in _CONTAINERS
        ]
        depth += 1
    if surrogates:
        try:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise UnreadableError("a string holds half of a surrogate pair") from None
