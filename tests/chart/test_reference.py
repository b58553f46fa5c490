"""Values are documented once, beside themselves; schema, reference and settings know the same ones."""

import json
from typing import Any

import pytest
import yaml

from kubeapprove.settings import Settings
from tests.chart import reference
from tests.chart.helm import CHART

SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def test_the_reference_is_generated() -> None:
    page = reference.PAGE.read_text()
    assert reference.written(page) == reference.reference(), "run python -m tests.chart.reference"
    assert reference.renewed(page.replace(reference.reference(), "| stale |\n")) == page


def test_every_value_is_documented() -> None:
    assert [path for path, _, meaning in reference.rows(reference.VALUES.read_text()) if not meaning] == []


def test_example_under_a_value_is_no_text() -> None:
    text = "# Who.\nagents: []\n#  - kind: Group\n# What.\n# Really.\nsettings: {}\nwebhook:\n  # How many.\n  replicas: 3\n"
    assert list(reference.rows(text)) == [
        ("agents", "`[]`", "Who."),
        ("settings", "`{}`", "What. Really."),
        ("webhook", "", ""),
        ("webhook.replicas", "`3`", "How many."),
    ]


def _known(schema: dict[str, Any], values: Any, path: str) -> list[str]:
    """Return the paths that only one of both knows."""
    schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    properties = schema.get("properties")
    if properties is None or values in ({}, []):
        return []
    differing = [f"{path}.{key}" for key in set(properties) ^ set(values)]
    both = set(properties) & set(values)
    return differing + [one for key in both for one in _known(properties[key], values[key], f"{path}.{key}")]


def test_schema_and_values_name_the_same() -> None:
    # `global` is Helm's own, for charts that hold this one.
    assert _known(SCHEMA, yaml.safe_load(reference.VALUES.read_text()), "") == [".global"]


@pytest.mark.parametrize("part", ["", *SCHEMA["properties"]])
def test_schema_lets_no_typing_error_pass(part: str) -> None:
    schema = SCHEMA["properties"][part] if part else SCHEMA
    if "properties" in schema:
        assert schema["additionalProperties"] is False


def test_schema_knows_every_setting_but_the_names_that_the_chart_knows() -> None:
    ours = {"systemNamespace", "approvalsNamespace", "serviceAccounts", "roles"}
    settings = {field.alias or name for name, field in Settings.model_fields.items()}
    assert set(SCHEMA["properties"]["settings"]["properties"]) == settings - ours
