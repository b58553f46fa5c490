"""Without a webhook agents are refused and nobody else notices (C087); whatever deletes its Pods, they come back (C088)."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from e2e.node.cluster import RealCluster
from e2e.node.node import Node
from e2e.release.installation import APPROVALS, SYSTEM, Agent, Installation
from e2e.waiting import wait_until

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
SCALE = ("scale", f"--namespace={SYSTEM}", "deployment/kubeapprove-webhook")


@pytest.fixture
def whole(installed: Installation) -> Iterator[Installation]:
    """Leave the webhook running, whatever a test did to it."""
    yield installed
    installed.kubectl(*SCALE, "--replicas=3")
    installed.wait_available()


def refused_for_want_of_it(agent: Agent, namespace: str) -> None:
    """What an agent is told, and that it is refused."""
    answer = agent.ask("POST", f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": "web"}})
    assert answer.status == 500, answer
    assert 'failed calling webhook "changes.kubeapprove.io"' in answer.message


def everybody_else_goes_on(installed: Installation, namespace: str) -> None:
    """People, controllers, nodes: what they write is stored."""
    create = ("create", f"--namespace={namespace}")
    installed.kubectl(*create, "configmap", "by-hand")
    installed.kubectl(*create, "deployment", "web", "--image=none")
    selected = ("get", "pods", f"--namespace={namespace}", "--selector=app=web", "--output=name")
    wait_until(lambda: installed.kubectl(*selected).stdout, "a controller made a Pod")
    since = dt.datetime.now(dt.UTC)
    for node in installed.nodes():
        wait_until(lambda: renewed(installed, node) > since, f"{node} renewed its Lease", 30)  # noqa: B023


def renewed(installed: Installation, node: str) -> dt.datetime:
    """When a node last said that it lives."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{node}"
    return dt.datetime.fromisoformat(installed.control_plane.raw("GET", path)[1]["spec"]["renewTime"])


def test_no_replica_is_left(whole: Installation, agent: Agent, namespace: str) -> None:
    whole.kubectl(*SCALE, "--replicas=0")
    pods = whole.pods("webhook")
    whole.kubectl("wait", "--for=delete", f"--namespace={SYSTEM}", *pods, "--timeout=60s", timeout=70)
    refused_for_want_of_it(agent, namespace)
    everybody_else_goes_on(whole, namespace)
    whole.kubectl(*SCALE, "--replicas=3")
    whole.wait_until_asked(namespace)


def test_all_pods_of_ours_are_deleted_at_once(whole: Installation, namespace: str) -> None:
    before = {*whole.pods("webhook"), *whole.pods("operator")}
    whole.kubectl("delete", "pods", "--all", f"--namespace={SYSTEM}", "--force", "--grace-period=0", "--wait=false")
    whole.wait_available()
    whole.wait_until_asked(namespace)
    assert not before & {*whole.pods("webhook"), *whole.pods("operator")}


@pytest.fixture
def nodes(whole: Installation, real_cluster: RealCluster) -> Iterator[list[Node]]:
    """Leave them running."""
    assert whole.cluster is real_cluster
    nodes = list(real_cluster.nodes.values())
    yield nodes
    for node in nodes:
        if not node.running:
            node.start()
        node.wait_ready()


@pytest.mark.own_nodes
def test_all_nodes_lose_their_power(whole: Installation, nodes: list[Node], namespace: str) -> None:
    for node in nodes:
        node.stop()
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    status, answer = whole.control_plane.raw(
        "POST", path, {"metadata": {"name": "web"}}, as_="system:serviceaccount:ai:deployer"
    )
    assert (status, "failed calling webhook" in answer["message"]) == (500, True), answer
    whole.kubectl("create", "configmap", "by-hand", f"--namespace={namespace}")
    for node in nodes:
        node.start()
    whole.wait_until_asked(namespace)
    whole.wait_available()
    assert (
        json.loads(whole.kubectl("get", "namespace", APPROVALS, "--output=json").stdout)["status"]["phase"] == "Active"
    )
