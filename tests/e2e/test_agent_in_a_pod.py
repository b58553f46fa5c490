"""From `helm install` to a gated agent: a Pod's ServiceAccount is refused, a person approves by kubectl, it goes through once."""

import json

import pytest

from e2e.release.installation import Agent, Installation

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
PERSON = "alice"


@pytest.fixture(autouse=True)
def _alice_approves(installed: Installation, namespace: str) -> None:
    """Bind the chart's own role, in this namespace."""
    role = ("--clusterrole=kubeapprove-approver", f"--user={PERSON}", f"--namespace={namespace}")
    installed.kubectl("create", "rolebinding", "approvers", *role)


def test_approved_change_of_an_agent_in_a_pod_goes_through_once(
    installed: Installation, agent: Agent, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    config_map = {"metadata": {"generateName": "web-"}, "data": {"a": "b"}}
    refused = agent.ask("POST", path, config_map)
    assert (refused.status, refused.reason) == (403, "ApprovalRequired"), refused
    assert agent.ask("POST", path, config_map).reason == "ApprovalPending"

    found = installed.kubectl("get", "manifestapprovals", f"--namespace={namespace}", "--output=name").stdout.split()
    (name,) = [one.removeprefix("manifestapproval.kubeapprove.io/") for one in found]
    approve = ("approve", "yes", name, f"--namespace={namespace}", "--yes", "-m", "as agreed")
    installed.kubectl(*approve, as_=PERSON)

    assert agent.ask("POST", path, config_map).status == 201
    again = agent.ask("POST", path, config_map)
    assert (again.status, again.reason in {"ApprovalRequired", "ApprovalSpent"}) == (403, True), again
    stored = json.loads(installed.kubectl("get", "configmaps", f"--namespace={namespace}", "--output=json").stdout)
    ours = [one for one in stored["items"] if one["metadata"]["name"].startswith("web-")]
    assert [one["data"] for one in ours] == [{"a": "b"}]


def test_person_is_not_asked(installed: Installation, namespace: str) -> None:
    installed.kubectl("create", "configmap", "by-hand", f"--namespace={namespace}")
    found = installed.kubectl("get", "manifestapprovals", f"--namespace={namespace}", "--output=name")
    assert found.stdout == ""
