"""What the installation takes: under 500 MiB in all while nothing is asked, a replica under 120 MiB when much was."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.release.installation import AGENT, SYSTEM, Installation
from e2e.waiting import wait_until

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
MIB = 1024 * 1024
ALL_IDLE = 500 * MIB
ONE_REPLICA = 120 * MIB
ASKED = 1000


def measured(installed: Installation) -> dict[str, int]:
    """The working set of each container of ours, as its kubelet measures it from now on."""
    since = dt.datetime.now(dt.UTC)
    expected = len(installed.pods("webhook")) + len(installed.pods("operator"))
    found: dict[str, int] = {}

    def is_measured() -> bool:
        found.clear()
        found.update(working_sets(installed, since))
        return len(found) >= expected

    wait_until(is_measured, "the kubelet measured each container", 60)
    return found


def working_sets(installed: Installation, since: dt.datetime) -> Iterator[tuple[str, int]]:
    for node in installed.nodes():
        pods = installed.control_plane.raw("GET", f"/api/v1/nodes/{node}/proxy/stats/summary")[1]["pods"]
        for pod in pods:
            for container in pod.get("containers", []) if pod["podRef"]["namespace"] == SYSTEM else []:
                memory = container.get("memory", {})
                if "workingSetBytes" in memory and dt.datetime.fromisoformat(memory["time"]) > since:
                    yield pod["podRef"]["name"], memory["workingSetBytes"]


def told(sets: dict[str, int]) -> str:
    return ", ".join(f"{name} {size / MIB:.0f} MiB" for name, size in sorted(sets.items()))


def test_memory(installed: Installation, namespace: str, say: Callable[[str], None]) -> None:
    idle = measured(installed)
    say(f"idle: {told(idle)}; {sum(idle.values()) / MIB:.0f} MiB in all")
    assert sum(idle.values()) < ALL_IDLE

    path = f"/api/v1/namespaces/{namespace}/configmaps"

    def ask(number: int) -> str:
        body = {"metadata": {"name": f"web-{number % 10}"}, "data": {"text": "x" * 10_000}}
        return str(installed.control_plane.raw("POST", path, body, as_=AGENT)[1].get("reason"))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(ASKED))) == {"ApprovalRequired", "ApprovalPending"}
    busy = {name: size for name, size in measured(installed).items() if "webhook" in name}
    say(f"after {ASKED} refusals: {told(busy)}")
    assert max(busy.values()) < ONE_REPLICA
