"""
The CustomResourceDefinition of ManifestApproval, made from the models of ``kubeapprove.resources``.

``python -m kubeapprove.crd --write crds`` writes it to a folder, without ``--write`` it goes to standard output. The
rules of the resource's life are CEL in the schema, so they hold while the webhook is down:

* manifestHash, change, requester, pendingUntil and previous never change;
* reason, revoked and status.claim are set once, then never altered or removed;
* decisions are only added, never altered or removed, and there is none, and no revoked, at creation.

Their forms were tried with every mutation on a real API server (tests/crd). Three of them are not obvious. Rules stand
at spec level with a fieldPath: a rule on ``change`` itself would quote up to a megabyte in its error. What is set once
is compared at the parent: a rule on the field itself is skipped when the field is removed. ``optionalOldSelf`` stands
at spec level: on ``decisions`` it would refuse the first decision.

What is **not** checked here: who decides, how many decisions one write adds, the times. That is the guard's work.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kubeapprove import resources

Schema = dict[str, Any]

FILE_NAME: Final = f"{resources.PLURAL}.{resources.GROUP}.yaml"

# JSON Schema's words that a structural schema knows as well. Everything else is dropped: titles (noise), defaults (the
# API server would write them into objects), additionalProperties: false (the API server prunes instead) and
# propertyNames (unknown to it; the rule on decision ids is CEL).
_KEPT: Final = (
    "type", "format", "description", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "maxItems",
    "maxProperties", "required",
)  # fmt: skip
_MAX_DESCRIPTION: Final = 120
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")
_YAML_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def structural(schema: Schema, definitions: Schema) -> Schema:
    """
    Turn a JSON schema of pydantic into a structural schema of Kubernetes.

    References are resolved, ``X | None`` becomes X (absence is what None means), a Literal becomes a string enum, and a
    docstring is cut to its first sentence.
    """
    schema = _resolve(schema, definitions)
    result: Schema = {word: schema[word] for word in _KEPT if word in schema}
    if "description" in result:
        result["description"] = _short(result["description"])
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


def _short(description: str) -> str:
    """Return the first sentence of a description on one line, without its full stop."""
    line = " ".join(description.split())
    return line.partition(". ")[0].removesuffix(".")[:_MAX_DESCRIPTION]


def _immutable(field: str) -> Schema:
    return _rule(f"self.{field} == oldSelf.{field}", f"{field} is immutable", f".{field}")


def _set_once(field: str) -> Schema:
    return _rule(
        f"!has(oldSelf.{field}) || (has(self.{field}) && self.{field} == oldSelf.{field})",
        f"{field} is set once, then never altered or removed",
        f".{field}",
    )


def _rule(expression: str, message: str, path: str, **more: Any) -> Schema:
    return {"rule": expression, "message": message, "fieldPath": path, "reason": "FieldValueForbidden", **more}


def _spec_rules() -> list[Schema]:
    """Return the transition rules of the spec; the module's docstring says why they stand there."""
    return [
        *(_immutable(field) for field in ("manifestHash", "change", "requester", "pendingUntil")),
        _rule(
            "has(self.previous) == has(oldSelf.previous) && (!has(self.previous) || self.previous == oldSelf.previous)",
            "previous is immutable",
            ".previous",
        ),
        _set_once("reason"),
        _set_once("revoked"),
        _rule(
            "oldSelf.hasValue() || !has(self.revoked)",
            "an approval is not revoked at creation",
            ".revoked",
            optionalOldSelf=True,
        ),
        _rule(
            "oldSelf.hasValue() || !has(self.decisions) || size(self.decisions) == 0",
            "there is no decision at creation",
            ".decisions",
            optionalOldSelf=True,
        ),
        _rule(
            "!has(oldSelf.decisions) || (has(self.decisions) && oldSelf.decisions.all(k, k in self.decisions))",
            "a decision is never removed",
            ".decisions",
        ),
        _rule(
            f"!has(self.decisions) || self.decisions.all(k, k.matches('{resources.DECISION_ID_PATTERN}'))",
            "a decision's id is 1 to 63 of a-z, 0-9 and -",
            ".decisions",
        ),
    ]


def _schema() -> Schema:
    """Return the whole object's schema. metadata is the API server's and has no schema of ours."""
    spec_schema = resources.ApprovalSpec.model_json_schema()
    status_schema = resources.ApprovalStatus.model_json_schema()
    spec = structural(spec_schema, spec_schema["$defs"])
    status = structural(status_schema, status_schema["$defs"])
    spec["x-kubernetes-validations"] = _spec_rules()
    spec["properties"]["decisions"]["additionalProperties"]["x-kubernetes-validations"] = [
        {"rule": "self == oldSelf", "message": "a decision is never altered", "reason": "FieldValueForbidden"}
    ]
    # The API server drops the status of a create. With these two defaults a fresh approval still reads Pending, before
    # anybody wrote its status.
    status["default"] = {}
    status["properties"]["phase"]["default"] = resources.Phase.PENDING.value
    # Named items merge by their name, as in every other condition list of Kubernetes.
    status["properties"]["conditions"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    claim = _rule(
        "!has(oldSelf.status) || !has(oldSelf.status.claim) || "
        "(has(self.status) && has(self.status.claim) && self.status.claim == oldSelf.status.claim)",
        "claim is set once, then never altered or removed",
        ".status.claim",
    )
    return {
        "type": "object",
        "description": _short(resources.ApprovalSpec.__doc__ or ""),
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
        # At the root: a rule on the status would be skipped by a write that leaves the status out.
        "x-kubernetes-validations": [claim],
    }


def _columns() -> list[Schema]:
    """
    Return the columns of ``kubectl get ma``.

    The change is a string, so no JSONPath reaches into it: operation, resource and object come from annotations that
    the webhook writes at birth. Whoever may write the object may change them. They inform, nothing else: what is
    approved is what ``kubectl approve review`` shows.
    """

    def annotation(name: str) -> str:
        return ".metadata.annotations." + name.replace(".", "\\.")

    paths = {
        "Phase": ".status.phase",
        "Operation": annotation(resources.OPERATION_ANNOTATION),
        "Resource": annotation(resources.RESOURCE_ANNOTATION),
        "Object": annotation(resources.OBJECT_ANNOTATION),
        "Requester": ".spec.requester.username",
        "Age": ".metadata.creationTimestamp",
    }
    return [
        {"name": name, "type": "date" if name == "Age" else "string", "jsonPath": path} for name, path in paths.items()
    ]


def custom_resource_definition() -> Schema:
    """Return the CustomResourceDefinition (apiextensions.k8s.io/v1) as JSON; a new one at every call."""
    version = {
        "name": resources.VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "selectableFields": [{"jsonPath": ".spec.manifestHash"}],
        "additionalPrinterColumns": _columns(),
        "schema": {"openAPIV3Schema": _schema()},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resources.PLURAL}.{resources.GROUP}"},
        "spec": {
            "group": resources.GROUP,
            "scope": "Namespaced",
            # No categories: `kubectl get all` is for workloads.
            "names": {
                "kind": resources.KIND,
                "listKind": f"{resources.KIND}List",
                "plural": resources.PLURAL,
                "singular": resources.KIND.lower(),
                "shortNames": [resources.SHORT_NAME],
            },
            "versions": [version],
        },
    }


def to_yaml(document: Schema) -> str:
    """
    Return a JSON object as block YAML, in the order of its keys.

    core must not import yaml (import-linter), and people read this file in reviews and diffs, so it is not indented
    JSON. A string is written plain where no reader of YAML could take it for anything else, otherwise as in JSON,
    whose escapes YAML shares. Keys are those of CustomResourceDefinitions: they are written as they are, unchecked.
    """
    return "\n".join(["# Made by `make crds` from core/kubeapprove/resources.py: edit that.", *_lines(document), ""])


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


def main(arguments: list[str] | None = None) -> int:
    """Write the CustomResourceDefinition to a folder or to standard output; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m kubeapprove.crd", description="Write the CustomResourceDefinition of ManifestApproval."
    )
    parser.add_argument("--write", metavar="DIR", type=Path, help=f"write {FILE_NAME} into this folder")
    folder = parser.parse_args(arguments).write
    document = to_yaml(custom_resource_definition())
    if folder is None:
        sys.stdout.write(document)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(document, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
