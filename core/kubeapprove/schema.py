"""JSON schemas of pydantic as structural schemas of Kubernetes (apiextensions.k8s.io/v1)."""

from dataclasses import dataclass
from typing import Any, Final

from kubeapprove.resources import GROUP, VERSION

Schema = dict[str, Any]

# JSON Schema's words that a structural schema knows as well. Everything else is dropped: titles (noise), defaults (the
# API server would write them into objects), additionalProperties: false (the API server prunes instead) and
# propertyNames (unknown to it; the rule on decision ids is CEL).
_KEPT: Final = (
    "type", "format", "description", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "maxItems",
    "maxProperties", "required",
)  # fmt: skip
_MAX_DESCRIPTION: Final = 120


def structural(schema: Schema, definitions: Schema) -> Schema:
    """
    Turn a JSON schema of pydantic into a structural schema of Kubernetes.

    References are resolved, ``X | None`` becomes X (absence is what None means), a Literal becomes a string enum, and a
    docstring is cut to its first sentence.
    """
    schema = _resolve(schema, definitions)
    result: Schema = {word: schema[word] for word in _KEPT if word in schema}
    if "description" in result:
        result["description"] = short(result["description"])
    if "properties" in schema:
        result["properties"] = {name: structural(inner, definitions) for name, inner in schema["properties"].items()}
    if "items" in schema:
        result["items"] = structural(schema["items"], definitions)
    if inner := _values(schema):
        result["additionalProperties"] = structural(inner, definitions)
    return result


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    """Follow ``$ref`` and an optional's ``anyOf``; the words beside them win over those that they point to."""
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
    elif "anyOf" in schema:
        # The models hold no other union than "or None", so the first branch is the whole schema.
        target = schema["anyOf"][0]
    else:
        return schema
    beside = {word: value for word, value in schema.items() if word not in {"$ref", "anyOf"}}
    return _resolve(target, definitions) | beside


def _values(schema: Schema) -> Schema | None:
    """Return the schema of a map's values: pydantic writes it as patternProperties where the keys have a pattern."""
    if "patternProperties" in schema:
        (inner,) = schema["patternProperties"].values()
        return dict(inner)
    return schema.get("additionalProperties") or None


def short(description: str) -> str:
    """Return the first sentence of a description on one line, without its full stop."""
    line = " ".join(description.split())
    return line.partition(". ")[0].removesuffix(".")[:_MAX_DESCRIPTION]


def rule(expression: str, message: str, path: str, **more: Any) -> Schema:
    """Return one entry of x-kubernetes-validations."""
    return {"rule": expression, "message": message, "fieldPath": path, "reason": "FieldValueForbidden", **more}


def whole(description: str | None, spec: Schema, status: Schema, **more: Any) -> Schema:
    """Return a custom resource's schema. Its metadata is the API server's and has no schema of ours."""
    return {
        "type": "object",
        "description": short(description or ""),
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
        **more,
    }


@dataclass(frozen=True, slots=True)
class Names:
    """What a custom resource is called, and where it lives. In no category: `kubectl get all` is for workloads."""

    kind: str
    plural: str
    short: str
    scope: str


def definition(names: Names, columns: dict[str, str], schema: Schema, **version: Any) -> Schema:
    """Return a CustomResourceDefinition (apiextensions.k8s.io/v1) of our one version; `columns`: name to JSONPath."""
    printed = [
        {"name": name, "type": "date" if name == "Age" else "string", "jsonPath": path}
        for name, path in columns.items()
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": names.scope,
            "names": {
                "kind": names.kind,
                "listKind": f"{names.kind}List",
                "plural": names.plural,
                "singular": names.kind.lower(),
                "shortNames": [names.short],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    **version,
                    "additionalPrinterColumns": printed,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }
