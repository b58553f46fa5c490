"""Policies and questions about them, for the tests of rulings and of what a policy may say. All times are given."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from kubeapprove.change import build_change
from kubeapprove.hidden import Hiding
from kubeapprove.identity import UserInfo
from kubeapprove.policycheck import read_policy
from kubeapprove.request import Request, read_request
from kubeapprove.ruling import Policies, Policy, Question, Ruling
from kubeapprove.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
SETTINGS: Settings = read_settings(None)
HIDING = Hiding(b"a key of these tests alone, 32 b.")
NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
AGENT = UserInfo("agent@ai", "u-agent", ("agents", "system:authenticated"))
ALICE = UserInfo("alice@example.com", "u-alice", ("platform-team", "system:authenticated"))
GROUP = {"kind": "Group", "name": "agents"}

_GROUPS = {
    "deployments": "apps",
    "statefulsets": "apps",
    "daemonsets": "apps",
    "replicasets": "apps",
    "jobs": "batch",
    "cronjobs": "batch",
    "roles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io",
    "clusterroles": "rbac.authorization.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io",
    "validatingwebhookconfigurations": "admissionregistration.k8s.io",
    "mutatingadmissionpolicies": "admissionregistration.k8s.io",
    "certificatesigningrequests": "certificates.k8s.io",
    "leases": "coordination.k8s.io",
}
_CLUSTER_SCOPED = {
    "namespaces", "nodes", "persistentvolumes", "clusterroles", "clusterrolebindings", "certificatesigningrequests",
    "validatingwebhookconfigurations", "mutatingadmissionpolicies",
}  # fmt: skip


def raw(*rules: Mapping[str, Any], name: str = "p", agents: Sequence[Any] = (GROUP,), **spec: Any) -> dict[str, Any]:
    """Return an ApprovalPolicy as it is stored; keywords are of its spec."""
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ApprovalPolicy",
        "metadata": {"name": name, "uid": f"uid-of-{name}", "generation": 3},
        "spec": {"agents": list(agents), **({"rules": list(rules)} if rules else {}), **spec},
    }


def rule(name: str = "r", action: str = "Deny", **fields: Any) -> dict[str, Any]:
    """Return a rule that denies; keywords are its fields."""
    return {"name": name, "action": action, **fields}


def asks(name: str = "asks", **fields: Any) -> dict[str, Any]:
    """Return a rule that asks for approval; `approval` and `match` are given as they are written."""
    return rule(name, "RequireApproval", **fields)


def allows(name: str = "allows", resources: Sequence[str] = ("*/*",), **fields: Any) -> dict[str, Any]:
    """Return a rule that allows these resources of every group, in every operation; `match` adds to that."""
    everything = {"operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"], "apiGroups": ["*"]}
    match = {**everything, "resources": list(resources), **fields.pop("match", {})}
    return rule(name, "Allow", match=match, **fields)


def policy(*rules: Mapping[str, Any], settings: Settings = SETTINGS, **fields: Any) -> Policy:
    """Return a policy as it is in force; it must be valid."""
    read = read_policy(raw(*rules, **fields), settings)
    assert read.problem == ""
    return read


def read(document: Mapping[str, Any]) -> Policy:
    """Return a policy as it is in force, valid or not."""
    return read_policy(document, SETTINGS)


def problem(*rules: Mapping[str, Any], **fields: Any) -> str:
    """Return what is wrong with a policy."""
    return read_policy(raw(*rules, **fields), SETTINGS).problem


def load(name: str) -> dict[str, Any]:
    """Return a ready-made policy of docs/policies."""
    return parse((ROOT / "docs" / "policies" / f"{name}.yaml").read_text())


def parse(text: str) -> dict[str, Any]:
    """Return a policy that is written as YAML."""
    document = yaml.safe_load(text)
    assert isinstance(document, dict)
    return document


def ready_made(name: str) -> Policy:
    """Return a ready-made policy as it is in force; it must be valid."""
    read = read_policy(load(name), SETTINGS)
    assert read.problem == ""
    return read


def thing(resource: str = "configmaps", name: str = "a", namespace: str = "dev", **body: Any) -> dict[str, Any]:
    """Return an object with a uid; `metadata` adds to it."""
    where = {} if resource in _CLUSTER_SCOPED else {"namespace": namespace}
    metadata = {"name": name, **where, "uid": f"uid-of-{name}", "resourceVersion": "41", **body.pop("metadata", {})}
    return {"metadata": metadata, **body}


def request(operation: str = "CREATE", resource: str = "configmaps", **fields: Any) -> Request:
    """Return an agent's request; `resource` may hold a subresource, keywords are a review's but for `user`.

    An object that is needed and not given is made up.
    """
    plural, _, subresource = resource.partition("/")
    user: UserInfo = fields.pop("user", AGENT)
    name, namespace = fields.pop("name", "a"), fields.pop("namespace", "dev")
    if plural == "namespaces":
        namespace = name  # as the API server writes it
    elif plural in _CLUSTER_SCOPED:
        namespace = ""
    made_up = thing(plural, name, namespace)
    review = {
        "uid": "request-1",
        "operation": operation,
        "resource": {"group": fields.pop("group", _GROUPS.get(plural, "")), "version": "v1", "resource": plural},
        "subResource": subresource,
        "namespace": namespace,
        "name": name,
        "userInfo": user.as_dict(),
        "object": None if operation == "DELETE" else made_up,
        "oldObject": made_up if operation in ("UPDATE", "DELETE") else None,
        **fields,
    }
    return read_request(review)


def question(of: Request, labels: Mapping[str, str] | None = None) -> Question:
    """Return what the gate asks about a request: with the change that it is."""
    return Question(of, build_change(of, cluster="cluster-1", hiding=HIDING).document, labels)


def ruling(of: Request, *policies: Policy, labels: Mapping[str, str] | None = None) -> Ruling:
    """Return what these policies say, which name the requester."""
    found = Policies(policies).rule(question(of, labels))
    assert found is not None
    return found


def answer(of: Request, *policies: Policy, labels: Mapping[str, str] | None = None) -> str:
    """Return a ruling in one line: its action and the rules that led to it, `-` where none matched."""
    found = ruling(of, *policies, labels=labels)
    return " ".join([str(found.action), *(finding.rule or "-" for finding in found.findings)])
