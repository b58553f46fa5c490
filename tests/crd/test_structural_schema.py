"""The rendered schemas are structural, and all in them is bounded, so that the CEL rules have a bounded cost."""

from collections.abc import Iterator
from typing import Any

import pytest

from kubeapprove import crd, policycrd


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from nodes(inner, f"{path}.{name}")
    for word in ("items", "additionalProperties"):
        if word in schema:
            yield from nodes(schema[word], f"{path}[{word}]")


def own_nodes(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return {path: node for path, node in nodes(schema) if path not in {"", ".apiVersion", ".kind", ".metadata"}}


APPROVAL = own_nodes(crd.custom_resource_definition())
POLICY = own_nodes(policycrd.custom_resource_definition())
NODES = {
    f"{kind}{path}": node
    for kind, known in (("approval", APPROVAL), ("policy", POLICY))
    for path, node in known.items()
}


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
    decision = APPROVAL[".spec.decisions[additionalProperties]"]
    assert decision["required"] == ["for", "verdict", "reason", "by", "groups", "at"]


def test_what_a_rule_needs_is_required() -> None:
    assert POLICY[".spec"]["required"] == ["agents"]
    assert POLICY[".spec.agents[items]"]["required"] == ["kind"]
    assert POLICY[".spec.rules[items]"]["required"] == ["name", "action"]
    assert POLICY[".spec.rules[items].approval.approvers"]["minItems"] == 1


def test_the_only_defaults_are_those_of_the_phase_and_of_the_mode() -> None:
    assert {path: node["default"] for path, node in NODES.items() if "default" in node} == {
        "approval.status": {},
        "approval.status.phase": "Pending",
        "policy.spec.mode": "Enforce",
    }


def test_fields_that_nobody_knows_are_kept_in_every_object_of_a_policys_spec() -> None:
    kept = {path for path, node in POLICY.items() if node.get("x-kubernetes-preserve-unknown-fields")}
    assert kept == {path for path, node in POLICY.items() if path.startswith(".spec") and "properties" in node}
    assert ".spec.rules[items].match" in kept
