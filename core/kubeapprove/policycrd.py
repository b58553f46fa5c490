"""
The CustomResourceDefinition of ApprovalPolicy, made from the models of ``kubeapprove.policies``.

Its CEL rules say what can be said without other policies, settings or a compiler of conditions; they hold while the
webhook is down. Everything else is the webhook's check (``kubeapprove.policycheck``).

Fields that nobody knows are kept, not pruned: a rule that lost its misspelt ``when`` would match everything. The
webhook refuses them, and a policy that holds one all the same is invalid and denies.
"""

from typing import Any, Final

from kubeapprove import policies, resources
from kubeapprove.schema import Names, Schema, definition, rule, structural, whole

FILE_NAME: Final = f"{policies.POLICY_PLURAL}.{resources.GROUP}.yaml"


def _invalid(expression: str, message: str) -> Schema:
    return {"rule": expression, "message": message, "reason": "FieldValueInvalid"}


_AGENT: Final = [
    _invalid(
        "(self.kind == 'ServiceAccount') == (has(self.__namespace__) && self.__namespace__ != '')",
        "a ServiceAccount needs a namespace, and nothing else has one",
    ),
    _invalid(
        "self.kind == 'ServiceAccount' || (has(self.name) && self.name != '')",
        "name whom you mean: an empty name matches nobody",
    ),
]
_RULE: Final = [
    _invalid("!has(self.approval) || self.action == 'RequireApproval'", "only RequireApproval asks for approval"),
    _invalid(
        "self.action != 'Allow' || (has(self.match) && has(self.match.operations) && has(self.match.apiGroups) && "
        "has(self.match.resources))",
        "an Allow rule says what it allows: operations, apiGroups and resources",
    ),
    _invalid(
        "self.action != 'Allow' || !has(self.match) || !has(self.match.namespaceSelector)",
        "an Allow rule names its namespaces: labels can be asked for by an agent",
    ),
]


def _keep_unknown(schema: Any) -> None:
    """Have the API server keep fields that the schema does not name, at every depth."""
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["x-kubernetes-preserve-unknown-fields"] = True
            for inner in schema["properties"].values():
                _keep_unknown(inner)
        _keep_unknown(schema.get("items"))


def _schema() -> Schema:
    spec_schema = policies.PolicySpec.model_json_schema()
    status_schema = policies.PolicyStatus.model_json_schema()
    spec = structural(spec_schema, spec_schema["$defs"])
    status = structural(status_schema, status_schema["$defs"])
    status["properties"]["conditions"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    spec["properties"]["agents"]["items"]["x-kubernetes-validations"] = _AGENT
    rules = spec["properties"]["rules"]
    rules["items"]["x-kubernetes-validations"] = _RULE
    rules["items"]["properties"]["approval"]["properties"]["approvers"]["minItems"] = 1
    # Written into the object, so that everybody sees which one it is.
    spec["properties"]["mode"]["default"] = str(policies.PolicyMode.ENFORCE)
    _keep_unknown(spec)
    spec["x-kubernetes-validations"] = [
        rule(
            "!has(self.rules) || self.rules.all(r, self.rules.exists_one(s, s.name == r.name))",
            "each rule has a name of its own",
            ".rules",
        )
        | {"reason": "FieldValueInvalid"}
    ]
    return whole(policies.PolicySpec.__doc__, spec, status)


def custom_resource_definition() -> Schema:
    """Return the CustomResourceDefinition (apiextensions.k8s.io/v1) as JSON; a new one at every call."""
    valid, enforced = (f'.status.conditions[?(@.type=="{kind}")].status' for kind in ("Valid", "Enforced"))
    columns = {"Mode": ".spec.mode", "Valid": valid, "Enforced": enforced, "Age": ".metadata.creationTimestamp"}
    names = Names(policies.POLICY_KIND, policies.POLICY_PLURAL, policies.POLICY_SHORT_NAME, "Cluster")
    return definition(names, columns, _schema())
