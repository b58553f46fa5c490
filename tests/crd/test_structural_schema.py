"""The rendered schema is structural, and everything in it is bounded, so that the CEL rules have a bounded cost."""

from collections.abc import Iterator
from typing import Any

import pytest

from kubeapprove import crd

SCHEMA = crd.custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from nodes(inner, f"{path}.{name}")
    for word in ("items", "additionalProperties"):
        if word in schema:
            yield from nodes(schema[word], f"{path}[{word}]")


NODES = {path: node for path, node in nodes(SCHEMA) if path not in {"", ".apiVersion", ".kind", ".metadata"}}


@pytest.mark.parametrize("path", NODES)
def test_every_node_is_typed_and_bounded(path: str) -> None:
    node = NODES[path]
    assert {"$ref", "anyOf", "title", "const", "propertyNames"}.isdisjoint(node)
    match node["type"]:
        case "string":
            assert "maxLength" in node or "enum" in node
        case "array":
            assert "maxItems" in node
        case "object":
            assert "properties" in node or "maxProperties" in node
        case other:
            assert other in {"integer", "boolean"}


@pytest.mark.parametrize("path", NODES)
def test_descriptions_are_one_short_line(path: str) -> None:
    description = NODES[path].get("description", "")
    assert "\n" not in description
    assert len(description) <= 120


def test_what_a_decision_needs_is_required() -> None:
    decision = NODES[".spec.decisions[additionalProperties]"]
    assert decision["required"] == ["for", "verdict", "reason", "by", "groups", "at"]


def test_the_only_defaults_are_those_of_the_phase() -> None:
    assert {path: node["default"] for path, node in NODES.items() if "default" in node} == {
        ".status": {},
        ".status.phase": "Pending",
    }
