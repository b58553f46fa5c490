"""JSON as block YAML, for files that people read in reviews and diffs."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from kubeapprove.schema import Schema

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")
_YAML_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def to_yaml(document: Schema, source: str) -> str:
    """
    Return a JSON object as block YAML, in the order of its keys.

    core must not import yaml (import-linter), and people read this file in reviews and diffs, so it is not indented
    JSON. A string is written plain where no reader of YAML could take it for anything else, otherwise as in JSON,
    whose escapes YAML shares. Keys are those of CustomResourceDefinitions: they are written as they are, unchecked.
    """
    return "\n".join([f"# Made by `make crds` from core/kubeapprove/{source}: edit that.", *_lines(document), ""])


def _lines(value: Schema | list[Any]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner and isinstance(inner, dict | list):
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(inner))
            else:
                yield f"{key}: {_scalar(inner)}"
    else:
        for item in value:
            first, *rest = _lines(item) if item and isinstance(item, dict | list) else (_scalar(item),)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    return json.dumps(value)
