"""`helm uninstall` leaves a cluster that its former agents can write, and what was decided; it can be installed again."""

import pytest

from e2e.release.installation import APPROVALS, REGISTRATION, Agent, Installation

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def test_nobody_is_refused_by_what_is_gone(installed: Installation, agent: Agent, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    config_map = {"metadata": {"name": "web"}}
    assert agent.ask("POST", path, config_map).reason == "ApprovalRequired"

    with installed.no_change_all_the_while(namespace) as refused:
        installed.uninstall()
    assert refused == []  # the registration went first
    assert installed.control_plane.raw("GET", REGISTRATION)[0] == 404
    assert agent.ask("POST", path, config_map).status == 201
    kept = installed.kubectl("get", "manifestapprovals", f"--namespace={namespace}", "--output=name").stdout
    assert len(kept.split()) == 1
    assert installed.control_plane.raw("GET", f"/api/v1/namespaces/{APPROVALS}")[0] == 200

    installed.install()
    refusal = agent.ask("POST", path, {"metadata": {"name": "another"}})
    assert refusal.reason == "ApprovalRequired"
