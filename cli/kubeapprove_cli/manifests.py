"""Objects from YAML or JSON files, as kubectl reads them: every document, lists taken apart."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kubeapprove.printable import quoted
from kubeapprove_cli.errors import UsageError

STDIN = "-"
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")


class _Loader(yaml.SafeLoader):
    """Reads what a JSON document can hold: moments stay text, only decimal numbers are integers, no key is twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if len(keys) != len(set(keys)):
            raise yaml.MarkedYAMLError(problem="a key is there twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, how) for tag, how in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _NUMBER, list("-+0123456789"))


def read_objects(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file, or of stdin; raises UsageError with the place of what is wrong."""
    where = "stdin" if name == STDIN else quoted(name)
    try:
        text = sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
        documents = list(yaml.load_all(text, Loader=_Loader))
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not text in UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None)
        raise UsageError(f"{where} is not YAML{place}" + (f": {problem}" if problem else "")) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{where} holds a value that YAML cannot read") from None
    found = [one for document in documents if document is not None for one in _apart(document, where)]
    if not found:
        raise UsageError(f"{where} holds no object")
    return found


def _apart(document: Any, where: str) -> Iterator[dict[str, Any]]:
    if type(document) is not dict or not all(type(document.get(key)) is str for key in ("apiVersion", "kind")):
        raise UsageError(f"{where} holds a document without apiVersion and kind, so it is no object")
    items = document.get("items")
    if document["kind"].endswith("List") and type(items) is list:
        for item in items:
            yield from _apart(item, where)
        return
    if type(document.setdefault("metadata", {})) is not dict:
        raise UsageError(f"{where} holds a {document['kind']} whose metadata is no object")
    yield document
