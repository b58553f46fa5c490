"""A policy that observes lets through what it would have refused, says so, and loosens nothing else."""

import pytest

from tests.gate.asking import Place, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
AGENTS = "observed-agents"


def test_what_would_have_been_asked_for(place: Place) -> None:
    done = place.kubectl("create", "configmap", "web", as_=place.agent(AGENTS))
    assert done.returncode == 0, done
    wants = "once the policy enforces, it needs 1 approval by anyone who holds the verb approve (policy observe)"
    assert f"Warning: kubeapprove observes: {wants}" in done.stderr
    assert place.exists("configmaps", "web")
    assert place.items("manifestapprovals") == []


def test_what_would_have_been_denied(place: Place) -> None:
    done = place.kubectl("create", "secret", "generic", "web", as_=place.agent(AGENTS))
    assert done.returncode == 0, done
    wants = "once the policy enforces, it is refused: denied by policy observe, rule no-secrets"
    assert f"Warning: kubeapprove observes: {wants}" in done.stderr
    assert place.exists("secrets", "web")


def test_what_agents_never_do(place: Place) -> None:
    path = place.path("serviceaccounts", "default", "token")
    assert refusal(place.cp.raw("POST", path, {"spec": {}}, as_=place.agent(AGENTS))).reason == "NeverAllowed"


def test_another_version_than_the_stored_one(place: Place) -> None:
    path = f"/apis/example.org/v1/namespaces/{place.namespace}/gadgets"
    body = {"apiVersion": "example.org/v1", "kind": "Gadget", "metadata": {"name": "web"}, "spec": {"size": 1}}
    assert refusal(place.cp.raw("POST", path, body, as_=place.agent(AGENTS))).reason == "StorageVersion"


def test_one_whom_an_enforcing_policy_names_as_well(place: Place) -> None:
    user = f"both-{place.namespace}"
    place.cp.identity(user, ["agents", AGENTS, "system:masters"])
    waiting = asked(place.create("configmaps", config_map(), user))
    assert waiting.reason == "ApprovalRequired"
    assert not place.exists("configmaps", "web")
