"""An upgrade and the way back, while an agent works: nothing of it is refused, and definitions come to the new version."""

import json

import pytest

from e2e.release.installation import SYSTEM, Agent, Installation

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/manifestapprovals.kubeapprove.io"


def settings(installed: Installation) -> str:
    """The settings as the servers read them."""
    what = ("configmap/kubeapprove-settings", f"--namespace={SYSTEM}", "--output=json")
    return str(json.loads(installed.kubectl("get", *what).stdout)["data"]["settings.yaml"])


def test_upgrade_and_rollback_under_load(installed: Installation, agent: Agent, namespace: str) -> None:
    before, pods = settings(installed), installed.pods("webhook")
    wanted = older(installed)

    with installed.no_change_all_the_while(namespace) as refused:
        installed.upgrade("--set", "settings.maxPending=7")
        assert "maxPending: 7" in settings(installed)
        assert not set(pods) & set(running(installed))
        assert columns(installed) == wanted

        installed.rollback()
        assert settings(installed) == before
        assert columns(installed) == wanted
    assert refused == []
    refusal = agent.ask("POST", f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": "web"}})
    assert refusal.reason == "ApprovalRequired"


def older(installed: Installation) -> list[str]:
    """Have the cluster hold an older definition, without columns; returns those of this version."""
    version = installed.control_plane.raw("GET", DEFINITION)[1]["spec"]["versions"][0]
    wanted = columns(installed)
    old = {"spec": {"versions": [version | {"additionalPrinterColumns": []}]}}
    status, answer = installed.control_plane.raw("PATCH", DEFINITION, old)
    assert status == 200, answer
    assert columns(installed) != wanted
    return wanted


def columns(installed: Installation) -> list[str]:
    """What kubectl shows of approvals."""
    version = installed.control_plane.raw("GET", DEFINITION)[1]["spec"]["versions"][0]
    return [column["name"] for column in version.get("additionalPrinterColumns", [])]


def running(installed: Installation) -> list[str]:
    """Pods of the webhook that are not on their way out."""
    selected = ("--selector=app.kubernetes.io/component=webhook", "--output=json", f"--namespace={SYSTEM}")
    items = json.loads(installed.kubectl("get", "pods", *selected).stdout)["items"]
    return [f"pod/{one['metadata']['name']}" for one in items if "deletionTimestamp" not in one["metadata"]]
