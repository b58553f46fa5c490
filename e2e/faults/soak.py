"""Agents at work while one thing after the other breaks: rounds on one control plane, each judged at its end."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.faults.agent import Agent
from e2e.faults.chaos import Chaos
from e2e.faults.invariants import wrong_allows
from e2e.faults.tally import Tally
from e2e.faults.world import FaultyWorld
from e2e.waiting import wait_until

AGENTS = 4
ROUND_SECONDS = 60.0
"""Well under the five minutes after which the API server has etcd forget old versions: the judge reads them all."""
MENDED_SECONDS = 60.0
_LAST = 1_000_001  # an odd number: a creation


def soak(seconds: float, seed: int) -> Iterator[str]:
    """Run for about so many seconds; yield lines as they come. Raises ClusterError where anything was wrong."""
    tally, broken = Tally(), list[str]()
    with ControlPlane() as control_plane, FaultyWorld(control_plane) as world:
        chaos = Chaos(world, seed)
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            number += 1
            found, passed = _round(world, chaos, number, min(ROUND_SECONDS, end - time.monotonic()), tally)
            broken += found
            yield f"round {number}: {passed} changes passed, {len(found)} wrong"
    tally.wrong_allows = len(broken)
    yield from tally.table()
    if broken:
        raise ClusterError("\n".join(broken))


def _round(world: FaultyWorld, chaos: Chaos, number: int, seconds: float, tally: Tally) -> tuple[list[str], int]:
    since, end = world.etcd.revision(), time.monotonic() + seconds
    agents = {f"soak-{number}-{one}": _agent(world, chaos, f"soak-{number}-{one}") for one in range(AGENTS)}
    with ThreadPoolExecutor(AGENTS) as pool:
        work = [pool.submit(agent.work, lambda: time.monotonic() > end) for agent in agents.values()]
        while not all(task.done() for task in work):
            chaos.strike()
        _raise_any(work)
    mended = time.monotonic() + MENDED_SECONDS
    broken = []
    for namespace, agent in agents.items():
        tally.tries += agent.tries
        if not agent.make_change(_LAST, lambda: time.monotonic() > mended):
            broken.append(f"the agent in {namespace} got nothing through any more when all was mended")
        broken += _judged(world, namespace, since)
    return broken, sum(agent.passed for agent in agents.values())


def _agent(world: FaultyWorld, chaos: Chaos, namespace: str) -> Agent:
    agent = Agent(world.control_plane, namespace, lambda: chaos.fault)
    agent.prepare()
    return agent


def _judged(world: FaultyWorld, namespace: str, since: int) -> list[str]:
    """Judge until nothing is found or for two seconds: the audit log may be a moment behind."""
    found: list[str] = []

    def is_clean() -> bool:
        found[:] = wrong_allows(world.evidence(namespace, since))
        return not found

    try:
        wait_until(is_clean, "nothing was found", 2.0)
    except ClusterError:
        return found
    return []


def _raise_any(work: list["Future[None]"]) -> None:
    for task in work:
        task.result()
