"""A Pod that posts reviews to the webhook's Service is told nothing, and nothing of it is written down (C092)."""

import json

import pytest

from e2e.release.installation import AGENT, SYSTEM, Agent, Installation

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
MARK = "what-a-pod-has-posted"
SERVICE = f"https://kubeapprove-webhook.{SYSTEM}.svc"


def review(namespace: str) -> dict[str, object]:
    request = {
        "uid": "00000000-0000-4000-8000-000000000000",
        "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
        "resource": {"group": "", "version": "v1", "resource": "configmaps"},
        "name": MARK,
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": AGENT, "groups": ["system:serviceaccounts"]},
        "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": MARK, "namespace": namespace}},
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


@pytest.mark.parametrize("path", ["/", "/changes", "/approvals", "/stamp", f"/{'0' * 48}/changes", "/openapi.json"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_answered_outside_of_the_secret_path(
    installed: Installation, agent: Agent, namespace: str, method: str, path: str
) -> None:
    answer = agent.ask(method, SERVICE + path, review(namespace))
    assert (answer.status, json.loads(answer.body)) == (404, {"detail": "Not Found"})
    found = installed.kubectl("get", "manifestapprovals", f"--namespace={namespace}", "--output=name")
    assert found.stdout == ""
    for pod in installed.pods("webhook"):
        assert MARK not in installed.kubectl("logs", f"--namespace={SYSTEM}", pod).stdout
