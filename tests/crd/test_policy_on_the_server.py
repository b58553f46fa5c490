"""What the API server refuses of a policy while the webhook is down, and what it keeps for the gate to refuse."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.control_plane import ControlPlane
from kubeapprove.policycheck import read_policy
from kubeapprove.settings import read_settings
from tests.crd.conftest import Answer, refusal

pytestmark = pytest.mark.cluster

PATH = "/apis/kubeapprove.io/v1alpha1/approvalpolicies"
AGENTS = [{"kind": "Group", "name": "agents"}]
LISTED = {"operations": ["UPDATE"], "apiGroups": ["apps"], "resources": ["deployments"]}


def rule(name: str = "r", action: str = "Deny", **fields: Any) -> dict[str, Any]:
    return {"name": name, "action": action, **fields}


def rules(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"agents": AGENTS, "rules": list(entries)}


def agents(**agent: Any) -> dict[str, Any]:
    return {"agents": [agent]}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no agents": ({}, "spec.agents: Required value"),
    "65 agents": ({"agents": [{"kind": "User", "name": f"a{n}"} for n in range(65)]}, "Too many"),
    "an unknown kind of agent": (agents(kind="Node", name="n"), "Unsupported value"),
    "a group without a name": (agents(kind="Group"), "an empty name matches nobody"),
    "a user of an empty name": (agents(kind="User", name=""), "an empty name matches nobody"),
    "a group in a namespace": (agents(kind="Group", name="g", namespace="n"), "nothing else has one"),
    "a ServiceAccount nowhere": (agents(kind="ServiceAccount", name="s"), "needs a namespace"),
    "a ServiceAccount in an empty namespace": (
        agents(kind="ServiceAccount", name="s", namespace=""),
        "needs a namespace",
    ),
    "until tomorrow": (agents(kind="Group", name="g", until="tomorrow"), "date-time"),
    "another mode": ({"agents": AGENTS, "mode": "Audit"}, "Unsupported value"),
    "a rule's name in capitals": (rules(rule("Rule")), "spec.rules[0].name"),
    "two rules of one name": (rules(rule(), rule()), "each rule has a name of its own"),
    "a rule without an action": (rules({"name": "r"}), "spec.rules[0].action: Required value"),
    "an action in small letters": (rules(rule(action="allow")), "Unsupported value"),
    "a Deny that asks for approval": (rules(rule(approval={"count": 2})), "only RequireApproval asks for approval"),
    "an Allow of everything": (rules(rule(action="Allow")), "an Allow rule says what it allows"),
    "an Allow of every operation": (
        rules(rule(action="Allow", match={"apiGroups": ["apps"], "resources": ["deployments"]})),
        "an Allow rule says what it allows",
    ),
    "an Allow by labels": (
        rules(rule(action="Allow", match={**LISTED, "namespaceSelector": {"matchLabels": {"a": "b"}}})),
        "an Allow rule names its namespaces",
    ),
    "nobody may approve": (rules(rule(action="RequireApproval", approval={"approvers": []})), "approvers"),
    "a quorum of none": (rules(rule(action="RequireApproval", approval={"count": 0})), "count"),
    "a quorum beyond the decisions": (rules(rule(action="RequireApproval", approval={"count": 17})), "count"),
    "a condition over 2,048 characters": (rules(rule(when="true || " * 300 + "true")), "when"),
    "no duration": (rules(rule(action="RequireApproval", approval={"useWithin": "1 hour"})), "useWithin"),
}
WHOLE: dict[str, Any] = {
    "mode": "Observe",
    "agents": [
        {"kind": "User", "name": "a", "owner": "alice", "until": "2030-01-01T00:00:00+01:00"},
        {"kind": "ServiceAccount", "namespace": "ci"},
        {"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"},
        {"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/agent"},
    ],
    "rules": [
        rule(
            action="Allow", match={**LISTED, "namespaces": ["dev"], "names": ["web"]}, when="change.fields.size() == 1"
        ),
        rule("deny", match={"operations": ["DELETE"]}, message="not that"),
        rule(
            "two",
            "RequireApproval",
            match={
                "namespaceSelector": {
                    "matchLabels": {"env": "production"},
                    "matchExpressions": [{"key": "env", "operator": "In", "values": ["production"]}],
                }
            },
            approval={
                "approvers": [{"kind": "Group", "name": "platform"}],
                "count": 2,
                "pendingFor": "8h",
                "useWithin": "10m",
                "allowOwner": True,
                "allowCut": True,
            },
        ),
    ],
}


class Policies:
    """Writes as admin, so that nothing but the schema and its rules can refuse."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self.control_plane = control_plane
        self.name = f"crd-{uuid4().hex[:8]}"

    def create(self, spec: dict[str, Any]) -> Answer:
        document = {
            "apiVersion": "kubeapprove.io/v1alpha1",
            "kind": "ApprovalPolicy",
            "metadata": {"name": self.name},
            "spec": spec,
        }
        return self.control_plane.raw("POST", PATH, document)

    def get(self) -> dict[str, Any]:
        code, answer = self.control_plane.raw("GET", f"{PATH}/{self.name}")
        assert code == 200, answer
        return answer


@pytest.fixture
def policies(crd_installed: ControlPlane) -> Iterator[Policies]:
    """Return one name of a policy, and take it away afterwards."""
    policies = Policies(crd_installed)
    yield policies
    crd_installed.raw("DELETE", f"{PATH}/{policies.name}")


def test_refused(policies: Policies) -> None:
    for scenario, (spec, said) in REFUSED.items():
        answer = policies.create(spec)
        assert answer[0] == 422, f"{scenario}: {answer}"
        assert said in refusal(answer), scenario


def test_all_that_a_policy_can_say_is_stored_and_read_back(policies: Policies) -> None:
    assert policies.create(WHOLE)[0] == 201
    stored = policies.get()
    assert stored["spec"] == WHOLE
    policy = read_policy(stored, read_settings(None))
    assert (policy.problem, len(policy.agents), len(policy.rules)) == ("", 4, 3)


def test_the_mode_is_written_out(policies: Policies) -> None:
    assert policies.create({"agents": AGENTS})[0] == 201
    assert policies.get()["spec"]["mode"] == "Enforce"


def test_fields_that_nobody_knows_are_kept_and_make_it_invalid(policies: Policies) -> None:
    """Without its misnamed `when` the rule would allow every update of a Deployment."""
    match = {**LISTED, "namespace": ["dev"]}
    spec = rules(rule(action="Allow", match=match, condition="false"))
    assert policies.create(spec)[0] == 201
    stored = policies.get()
    assert stored["spec"]["rules"][0]["condition"] == "false"
    assert stored["spec"]["rules"][0]["match"]["namespace"] == ["dev"]
    problem = read_policy(stored, read_settings(None)).problem
    assert "spec.rules[0].condition" in problem
    assert "spec.rules[0].match.namespace" in problem


def test_the_columns_say_whether_it_is_in_force(policies: Policies) -> None:
    assert policies.create({"agents": AGENTS})[0] == 201
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": "Because",
            "message": "",
            "lastTransitionTime": "2026-01-31T09:00:00.000000Z",
            "observedGeneration": 1,
        }
        for kind, status in (("Valid", "True"), ("Enforced", "False"))
    ]
    path = f"{PATH}/{policies.name}/status"
    assert policies.control_plane.raw("PATCH", path, {"status": {"conditions": conditions}})[0] == 200
    shown = policies.control_plane.kubectl("get", "ap", policies.name, "--no-headers").stdout.split()
    assert shown[:4] == [policies.name, "Enforce", "True", "False"]
