"""Nodes are drained while an agent works: the webhook leaves one replica at a time, and nothing is refused (C096)."""

import json
from collections.abc import Iterator

import pytest

from e2e.release.installation import SYSTEM, Installation
from e2e.waiting import wait_until

pytestmark = [pytest.mark.node, pytest.mark.own_nodes, pytest.mark.timeout(300)]
WEBHOOK = "app.kubernetes.io/component=webhook"


@pytest.fixture
def whole(installed: Installation) -> Iterator[Installation]:
    """All nodes take Pods again afterwards."""
    yield installed
    for node in installed.nodes():
        installed.kubectl("uncordon", node)
    installed.wait_available()


def placed(installed: Installation) -> dict[str, str]:
    """Pods of the webhook that are to stay, and their nodes."""
    found = installed.kubectl("get", "pods", f"--namespace={SYSTEM}", f"--selector={WEBHOOK}", "--output=json")
    staying = [one for one in json.loads(found.stdout)["items"] if "deletionTimestamp" not in one["metadata"]]
    return {one["metadata"]["name"]: one["spec"].get("nodeName", "") for one in staying}


def evict(installed: Installation, pod: str) -> int:
    """Ask for an eviction, as a drain does; the status of the answer."""
    path = f"/api/v1/namespaces/{SYSTEM}/pods/{pod}/eviction"
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": SYSTEM}}
    return installed.control_plane.raw("POST", path, body)[0]


def test_replicas_are_on_different_nodes(whole: Installation) -> None:
    assert set(placed(whole).values()) == set(whole.nodes())


def test_one_is_taken_away_at_a_time(whole: Installation) -> None:
    first, second, _ = placed(whole)
    assert [evict(whole, first), evict(whole, second)] == [201, 429]
    wait_until(lambda: evict(whole, second) == 201, "the next one could be taken away", 60)


def test_every_node_is_drained_in_turn(whole: Installation, namespace: str) -> None:
    with whole.no_change_all_the_while(namespace) as refused:
        for node in whole.nodes():
            flags = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s")
            whole.kubectl("drain", node, *flags, timeout=130)
            assert node not in placed(whole).values()
            whole.kubectl("uncordon", node)
            whole.wait_available()
    assert refused == []
