"""What a node's programs and a whole node do to Pods when they go and come back."""

import json
from collections.abc import Iterator

import pytest

from e2e.node.cluster import RealCluster
from e2e.waiting import wait_until
from tests.node.workloads import answers, deploy, everybody_answers, expose, pods

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@pytest.fixture
def whole(real_cluster: RealCluster) -> Iterator[RealCluster]:
    """Leave the shared cluster whole, whatever a test did to it."""
    yield real_cluster
    for node in real_cluster.nodes.values():
        if not node.running:
            node.start()
        node.wait_ready()


@pytest.mark.parametrize("program", ["kubelet", "containerd", "kube-proxy"])
def test_pods_outlive_a_program_of_their_node(whole: RealCluster, namespace: str, program: str) -> None:
    deploy(whole, namespace, "web", replicas=2)
    before = _started(whole, namespace)
    node = whole.nodes["one"]
    node.kill(program)
    node.revive(program)
    node.wait_ready()
    deploy(whole, namespace, "after", replicas=2)
    after = _started(whole, namespace)
    assert {pod: after[pod] for pod in before} == before


def test_node_that_lost_its_power_comes_back_with_its_pods(whole: RealCluster, namespace: str) -> None:
    deploy(whole, namespace, "web", replicas=2)
    url = f"http://{expose(whole, namespace, 'web')}"
    placed = pods(whole, namespace)
    other = next(pod for pod, node in placed.items() if node == "two")
    whole.nodes["one"].stop()
    everybody_answers(lambda: answers(whole, namespace, other, url), {other}, at_least=True)
    path = f"/api/v1/namespaces/{namespace}/pods/{other}:8080/proxy/"
    assert whole.control_plane.kubectl("get", "--raw", path).stdout.strip() == other
    whole.nodes["one"].start()
    wait_until(lambda: len(_started(whole, namespace)) == 2, "both Pods run", 60)
    everybody_answers(lambda: answers(whole, namespace, other, url), set(pods(whole, namespace)))


def _started(cluster: RealCluster, namespace: str) -> dict[str, str]:
    """Return each Pod that runs, and since when its container does."""
    listed = cluster.control_plane.kubectl("get", "pods", f"--namespace={namespace}", "--output=json").stdout
    states = {
        pod["metadata"]["name"]: status["state"]
        for pod in json.loads(listed)["items"]
        for status in pod["status"].get("containerStatuses", [])
    }
    return {pod: state["running"]["startedAt"] for pod, state in states.items() if "running" in state}
