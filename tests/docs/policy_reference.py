"""The reference of ApprovalPolicy in docs/policies.md, from the models; `python -m tests.docs.policy_reference` writes it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kubeapprove import durations, policycrd

PAGE: Final = Path(__file__).parents[2] / "docs" / "policies.md"
BEGIN: Final = "<!-- begin: python -m tests.docs.policy_reference -->"
END: Final = "<!-- end -->"
_BLOCK: Final = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)


def reference() -> str:
    """Return the table of all fields."""
    schema = policycrd.custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    rows = "\n".join(_rows("spec", schema["properties"]["spec"]))
    return f"| field | type | |\n|---|---|---|\n{rows}\n"


def _rows(path: str, schema: dict[str, Any]) -> Iterator[str]:
    for name, field in schema["properties"].items():
        place = f"{path}.{name}"
        required = " (required)" if name in schema.get("required", ()) else ""
        yield f"| `{place}` | {_type(field)} | {_escaped(field['description'])}{required} |"
        if "properties" in field:
            yield from _rows(place, field)
        elif "properties" in field.get("items", {}):
            yield from _rows(f"{place}[]", field["items"])


def _escaped(text: str) -> str:
    return re.sub(r"([*|])", r"\\\1", text)


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    match field["type"]:
        case "array":
            inner = field["items"]
            what = "entries" if inner["type"] == "object" else _type(inner)
            return f"list of {what}, at most {field['maxItems']}"
        case "object":
            return "object" if "properties" in field else f"map, at most {field['maxProperties']} entries"
        case "integer":
            return f"{field['minimum']} to {field['maximum']}"
        case "string" if field.get("format") == "date-time":
            return "time, RFC 3339"
        case "string" if field.get("pattern") == durations.PATTERN:
            return "duration: `24h`, `1h30m`, `45s`"
        case "string":
            return f"text, at most {field['maxLength']} characters" if "maxLength" in field else "text"
        case other:
            return str(other)


def written(page: str) -> str:
    """Return the block that the page holds."""
    found = _BLOCK.search(page)
    return "" if found is None else found[1]


def renewed(page: str) -> str:
    """Return the page with the block as it should be."""
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{reference()}{END}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
