"""A policy that would gate the cluster itself, or that says something else than it seems to, is not taken (C031)."""

from typing import Any

import pytest

from e2e.gated.gated import POLICIES
from e2e.gated.policies import group, policy, rule
from tests.gate.asking import Place

pytestmark = pytest.mark.cluster
SYSTEM = "identities that begin with system: are the cluster's own"
OURS = "our own ServiceAccounts are never agents"
WEBHOOK = {"kind": "ServiceAccount", "namespace": "kubeapprove-system", "name": "kubeapprove-webhook"}

AGENTS: dict[str, tuple[dict[str, Any], str]] = {
    "every ServiceAccount": (group("system:serviceaccounts"), SYSTEM),
    "everybody": (group("system:authenticated"), SYSTEM),
    "nobody": (group("system:unauthenticated"), SYSTEM),
    "admins": (group("system:masters"), SYSTEM),
    "nodes": (group("system:nodes"), SYSTEM),
    "scheduler": ({"kind": "User", "name": "system:kube-scheduler"}, SYSTEM),
    "our webhook": (WEBHOOK, OURS),
    "our webhook by its username": (
        {"kind": "User", "name": "system:serviceaccount:kubeapprove-system:kubeapprove-webhook"},
        SYSTEM,
    ),
    "all of ours": ({"kind": "ServiceAccount", "namespace": "kubeapprove-system"}, OURS),
    "all of ours as a group": (group("system:serviceaccounts:kubeapprove-system"), OURS),
    "controllers": ({"kind": "ServiceAccount", "namespace": "kube-system"}, "run the cluster and are never agents"),
    "controllers as a group": (group("system:serviceaccounts:kube-system"), "run the cluster and are never agents"),
    "a role by its name": ({"kind": "IAMRole", "name": "ai-agent"}, "name the role by its ARN"),
    "an empty name": (group(""), "an empty name matches nobody"),
}


def refused(place: Place, spec: dict[str, Any]) -> str:
    """Return why a policy is not taken."""
    status, answer = place.cp.raw("POST", f"{POLICIES}?fieldValidation=Ignore", {**policy("odd", []), "spec": spec})
    assert status in {403, 422}, answer
    assert place.cp.raw("GET", f"{POLICIES}/odd")[0] == 404
    return str(answer["message"])


@pytest.mark.parametrize(("agent", "sentence"), AGENTS.values(), ids=AGENTS.keys())
def test_whom_no_policy_may_gate(place: Place, agent: dict[str, Any], sentence: str) -> None:
    message = refused(place, {"agents": [group("fine"), agent]})
    assert sentence in message
    assert "spec.agents[1]" in message


RULES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "bad CEL": ([rule("odd", when="change.nope(")], "spec.rules[0].when"),
    "unknown field": ([{**rule("odd"), "condition": "false"}], "spec.rules[0].condition"),
    "unknown field in depth": ([rule("odd", nameSpaces=["default"])], "spec.rules[0].match.nameSpaces"),
    "no approvers": ([rule("odd", approval={"approvers": []})], "spec.rules[0].approval.approvers"),
    "never reached": ([rule("all"), rule("odd", namespaces=["default"])], "rule odd is never reached"),
    "its own agents approve": (
        [rule("odd", approval={"approvers": [{"kind": "Group", "name": "fine"}]})],
        "agents never decide",
    ),
    "controllers approve": (
        [rule("odd", approval={"approvers": [{"kind": "Group", "name": "system:serviceaccounts"}]})],
        "controllers and ServiceAccounts never decide",
    ),
    "Allow of everything": ([rule("odd", "Allow")], "an Allow rule says what it allows"),
}


@pytest.mark.parametrize(("rules", "sentence"), RULES.values(), ids=RULES.keys())
def test_what_no_rule_may_say(place: Place, rules: list[dict[str, Any]], sentence: str) -> None:
    assert sentence in refused(place, {"agents": [group("fine")], "rules": rules})
