"""
The CustomResourceDefinition of ManifestApproval, made from the models of ``kubeapprove.resources``.

``python -m kubeapprove.crd --write crds`` writes it, and the one of ApprovalPolicy, to a folder; without ``--write``
they go to standard output. The rules of the resource's life are CEL in the schema, so they hold while the webhook is
down:

* manifestHash, change, requester, pendingUntil and previous never change;
* reason, revoked and status.claim are set once, then never altered or removed;
* decisions and acknowledgements are only added, never altered or removed, and there is none, and no revoked, at
  creation.

Their forms were tried with every mutation on a real API server (tests/crd). Three of them are not obvious. Rules stand
at spec level with a fieldPath: a rule on ``change`` itself would quote up to a megabyte in its error. What is set once
is compared at the parent: a rule on the field itself is skipped when the field is removed. ``optionalOldSelf`` stands
at spec level: on ``decisions`` it would refuse the first decision.

What is **not** checked here: who decides, how many decisions one write adds, the times. That is the guard's work.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from kubeapprove import policycrd, resources
from kubeapprove.blockyaml import to_yaml
from kubeapprove.schema import Names, Schema, definition, rule, structural, whole

FILE_NAME: Final = f"{resources.PLURAL}.{resources.GROUP}.yaml"


def _immutable(field: str) -> Schema:
    return rule(f"self.{field} == oldSelf.{field}", f"{field} is immutable", f".{field}")


def _set_once(field: str) -> Schema:
    return rule(
        f"!has(oldSelf.{field}) || (has(self.{field}) && self.{field} == oldSelf.{field})",
        f"{field} is set once, then never altered or removed",
        f".{field}",
    )


def _spec_rules() -> list[Schema]:
    """Return the transition rules of the spec; the module's docstring says why they stand there."""
    return [
        *(_immutable(field) for field in ("manifestHash", "change", "requester", "pendingUntil")),
        rule(
            "has(self.previous) == has(oldSelf.previous) && (!has(self.previous) || self.previous == oldSelf.previous)",
            "previous is immutable",
            ".previous",
        ),
        _set_once("reason"),
        _set_once("revoked"),
        rule(
            "oldSelf.hasValue() || !has(self.revoked)",
            "an approval is not revoked at creation",
            ".revoked",
            optionalOldSelf=True,
        ),
        rule(
            "oldSelf.hasValue() || !has(self.decisions) || size(self.decisions) == 0",
            "there is no decision at creation",
            ".decisions",
            optionalOldSelf=True,
        ),
        rule(
            "!has(oldSelf.decisions) || (has(self.decisions) && oldSelf.decisions.all(k, k in self.decisions))",
            "a decision is never removed",
            ".decisions",
        ),
        rule(
            "oldSelf.hasValue() || !has(self.acknowledgements) || size(self.acknowledgements) == 0",
            "there is no acknowledgement at creation",
            ".acknowledgements",
            optionalOldSelf=True,
        ),
        rule(
            "!has(oldSelf.acknowledgements) || (has(self.acknowledgements) && "
            "oldSelf.acknowledgements.all(k, k in self.acknowledgements))",
            "an acknowledgement is never removed",
            ".acknowledgements",
        ),
        rule(
            f"!has(self.decisions) || self.decisions.all(k, k.matches('{resources.DECISION_ID_PATTERN}'))",
            "a decision's id is 1 to 63 of a-z, 0-9 and -",
            ".decisions",
        ),
    ]


def _schema() -> Schema:
    """Return the whole object's schema."""
    spec_schema = resources.ApprovalSpec.model_json_schema()
    status_schema = resources.ApprovalStatus.model_json_schema()
    spec = structural(spec_schema, spec_schema["$defs"])
    status = structural(status_schema, status_schema["$defs"])
    spec["x-kubernetes-validations"] = _spec_rules()
    for field, what in (("decisions", "a decision"), ("acknowledgements", "an acknowledgement")):
        spec["properties"][field]["additionalProperties"]["x-kubernetes-validations"] = [
            {"rule": "self == oldSelf", "message": f"{what} is never altered", "reason": "FieldValueForbidden"}
        ]
    # The API server drops the status of a create. With these two defaults a fresh approval still reads Pending, before
    # anybody wrote its status.
    status["default"] = {}
    status["properties"]["phase"]["default"] = resources.Phase.PENDING.value
    # Named items merge by their name, as in every other condition list of Kubernetes.
    status["properties"]["conditions"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    claim = rule(
        "!has(oldSelf.status) || !has(oldSelf.status.claim) || "
        "(has(self.status) && has(self.status.claim) && self.status.claim == oldSelf.status.claim)",
        "claim is set once, then never altered or removed",
        ".status.claim",
    )
    # At the root: a rule on the status would be skipped by a write that leaves the status out.
    return whole(resources.ApprovalSpec.__doc__, spec, status, **{"x-kubernetes-validations": [claim]})


def _columns() -> dict[str, str]:
    """
    Return the columns of ``kubectl get ma``.

    The change is a string, so no JSONPath reaches into it: operation, resource and object come from annotations that
    the webhook writes at birth. Whoever may write the object may change them. They inform, nothing else: what is
    approved is what ``kubectl approve review`` shows.
    """

    def annotation(name: str) -> str:
        return ".metadata.annotations." + name.replace(".", "\\.")

    return {
        "Phase": ".status.phase",
        "Operation": annotation(resources.OPERATION_ANNOTATION),
        "Resource": annotation(resources.RESOURCE_ANNOTATION),
        "Object": annotation(resources.OBJECT_ANNOTATION),
        "Requester": ".spec.requester.username",
        "Age": ".metadata.creationTimestamp",
    }


def custom_resource_definition() -> Schema:
    """Return the CustomResourceDefinition (apiextensions.k8s.io/v1) as JSON; a new one at every call."""
    names = Names(resources.KIND, resources.PLURAL, resources.SHORT_NAME, "Namespaced")
    return definition(names, _columns(), _schema(), selectableFields=[{"jsonPath": ".spec.manifestHash"}])


def definitions() -> dict[str, str]:
    """Return every CustomResourceDefinition as YAML, by its file's name."""
    return {
        FILE_NAME: to_yaml(custom_resource_definition(), "resources.py"),
        policycrd.FILE_NAME: to_yaml(policycrd.custom_resource_definition(), "policies.py"),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the CustomResourceDefinitions to a folder or to standard output; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m kubeapprove.crd", description="Write the CustomResourceDefinitions of kubeapprove."
    )
    parser.add_argument("--write", metavar="DIR", type=Path, help="write one file each into this folder")
    folder = parser.parse_args(arguments).write
    for name, document in definitions().items():
        if folder is None:
            sys.stdout.write(f"---\n{document}")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(document, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
