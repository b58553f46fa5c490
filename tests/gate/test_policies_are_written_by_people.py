"""Policies are written by people: no controller, node or agent writes or deletes one, whatever it is granted (C062, C064)."""

from collections.abc import Callable

import pytest

from e2e.gated.gated import POLICIES
from e2e.gated.policies import as_list, group, policy
from tests.gate.asking import NO_WRITE_OF_AGENTS, POLICY_WRITER, Answer, Place, refusal

pytestmark = pytest.mark.cluster
MINE = policy("mine", [group("whoever")])
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
QUORUM = f"{POLICIES}/quorum"
NO_RULES = {"spec": {"rules": None}}
Send = Callable[[Place, str, dict[str, str]], Answer]


def sends(method: str, path: str, body: object = None) -> Send:
    return lambda place, as_, headers: place.cp.raw(method, path, body, as_=as_, headers=headers)


RULES_OF_A_POLICY = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/rules"
DEFAULT = [
    {"op": "add", "path": f"{RULES_OF_A_POLICY}/default", "value": [{"name": "all", "action": "Deny", "message": "no"}]}
]
DEFINITION = f"{DEFINITIONS}/approvalpolicies.kubeapprove.io"
SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.kubeapprove.io"
SERVED_ELSEWHERE = {"spec": {"service": {"namespace": "default", "name": "theirs"}, "insecureSkipTLSVerify": True}}


def sends_default(query: str = "") -> Send:
    patch = {"Content-Type": "application/json-patch+json"}
    return lambda place, as_, headers: place.cp.raw(
        "PATCH", DEFINITION + query, DEFAULT, as_=as_, headers=headers | patch
    )


WRITES = {
    "create": sends("POST", POLICIES, MINE),
    "change": sends("PATCH", QUORUM, NO_RULES),
    "label": sends("PATCH", QUORUM, {"metadata": {"labels": {"example.org/team": "one"}}}),
    "delete": sends("DELETE", QUORUM),
    "delete all": sends("DELETE", POLICIES),
    "dry run": sends("POST", f"{POLICIES}?dryRun=All", MINE),
    # With its definition goes every policy, and no webhook is asked about any of them.
    "delete the definition": sends("DELETE", DEFINITION),
    "delete all definitions": sends("DELETE", DEFINITIONS),
    # What it says by default, every policy says that does not say it.
    "a default in the definition": sends_default(),
    "have another server answer": sends("PATCH", SERVICE, SERVED_ELSEWHERE),
}


def as_(user: str) -> dict[str, str]:
    """Return the headers of an admin who acts as somebody with every right."""
    return {"Impersonate-User": user, "Impersonate-Group": "system:masters"}


CONTROLLERS = {
    "ServiceAccount": as_("system:serviceaccount:argocd:argocd-application-controller"),
    "node": as_("system:node:worker-1"),
    "control plane": as_("system:kube-controller-manager"),
    "neighbour of the writer": as_(f"{POLICY_WRITER}-2"),
}


def policies(place: Place) -> dict[str, object]:
    return {item["metadata"]["name"]: item for item in place.cp.raw("GET", POLICIES)[1]["items"]}


@pytest.mark.parametrize("send", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize("headers", CONTROLLERS.values(), ids=CONTROLLERS.keys())
def test_no_controller(place: Place, send: Send, headers: dict[str, str]) -> None:
    before = policies(place)
    refused = refusal(send(place, "admin", headers))
    assert refused.reason == "NotADecider"
    assert "controllers and ServiceAccounts write no policies, whatever they are granted" in refused.message
    assert policies(place) == before


@pytest.mark.parametrize("send", WRITES.values(), ids=WRITES.keys())
def test_no_agent(place: Place, send: Send) -> None:
    before = policies(place)
    assert refusal(send(place, place.agent("agents"), {})).reason in NO_WRITE_OF_AGENTS
    assert policies(place) == before


@pytest.mark.parametrize("user", ["carol", "system:admin", "system:serviceaccount:kubeapprove-system:kubeapprove-crds"])
def test_people_and_an_upgrade_change_definitions(place: Place, user: str) -> None:
    status, answer = sends_default("?dryRun=All")(place, "admin", as_(user))
    assert status == 200, answer


def test_controllers_label_definitions(place: Place) -> None:
    """As GitOps tools do with whatever they apply; nothing of it is in a policy."""
    label = {"metadata": {"labels": {"example.org/tracked": "yes"}}}
    headers = CONTROLLERS["ServiceAccount"]
    status, answer = place.cp.raw("PATCH", f"{DEFINITION}?dryRun=All", label, headers=headers)
    assert status == 200, answer


def test_with_a_token_of_its_own(place: Place) -> None:
    robot = place.robot()
    assert refusal(place.cp.raw("POST", POLICIES, MINE, as_=robot)).reason == "NotADecider"
    assert refusal(place.cp.raw("DELETE", QUORUM, as_=robot)).reason == "NotADecider"


def test_the_one_controller_that_the_settings_name(place: Place) -> None:
    status, answer = place.cp.raw("POST", f"{POLICIES}?dryRun=All", MINE, headers=as_(POLICY_WRITER))
    assert status == 201, answer


@pytest.mark.parametrize("headers", [{}, *CONTROLLERS.values()], ids=["person", *CONTROLLERS])
def test_nobody_writes_a_status(place: Place, headers: dict[str, str]) -> None:
    true = {"type": "Enforced", "status": "True", "reason": "x", "message": ""}
    body = {"status": {"conditions": [true | {"lastTransitionTime": "2026-01-01T00:00:00.000000Z"}]}}
    before = policies(place)
    answer = place.cp.raw("PATCH", f"{QUORUM}/status", body, headers=headers)
    assert refusal(answer).reason == "NotAPolicy"
    assert policies(place) == before


def test_a_person_is_told_from_when_on_the_agents_are_gated(place: Place) -> None:
    done = place.kubectl("create", "--dry-run=server", "-f", "-", as_="admin", input=as_list([MINE]))
    assert done.returncode == 0, done
    wait = "kubectl wait --for=condition=Enforced --timeout=60s approvalpolicy/mine"
    assert f"Warning: Group whoever is not gated yet, but from the condition Enforced on: {wait}" in done.stderr


def test_a_person_is_told_whom_nobody_gates_any_more(place: Place) -> None:
    done = place.kubectl("delete", "--dry-run=server", "approvalpolicy", "quorum", as_="admin")
    assert done.returncode == 0, done
    assert "Warning: no other policy names Group quorum-agents: refused at first" in done.stderr
    assert "quorum" in policies(place)
