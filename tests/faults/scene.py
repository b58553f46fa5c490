"""One change of an agent in one namespace, before a fault, during it and after."""

import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from e2e.cluster.errors import ClusterError
from e2e.faults.invariants import wrong_allows
from e2e.faults.tally import NO_ANSWER, PASSED, Tried
from e2e.faults.world import FaultyWorld
from e2e.waiting import wait_until
from tests.gate.asking import Answer, Place, Refusal, asked
from tests.gate.samples import KINDS

_PREFIX = "new-"
AFTERWARDS = "afterwards"
"""Not a fault: the tries after one, when everything works again."""


@dataclass(frozen=True, slots=True)
class Change:
    """A request that is not idempotent, and how often it was stored."""

    send: Callable[[Place], Answer]
    stored: Callable[[Place], int]


CREATE = Change(
    lambda place: place.create("configmaps", {"metadata": {"generateName": _PREFIX}, "data": {"color": "red"}}),
    lambda place: sum(item["metadata"]["name"].startswith(_PREFIX) for item in place.items("configmaps")),
)
UPDATE = Change(
    lambda place: place.patch("widgets", "web", [{"op": "add", "path": "/spec/tags/-", "value": "two"}]),
    lambda place: place.get("widgets", "web")["spec"]["tags"].count("two"),
)
DELETE = Change(
    lambda place: place.delete("widgets", "web"),
    lambda place: not place.exists("widgets", "web"),
)
SIZE = Change(
    lambda place: place.patch("widgets", "web", [{"op": "replace", "path": "/spec/size", "value": 2}]),
    lambda place: place.get("widgets", "web")["spec"]["size"] == 2,
)


def outcome(answer: Answer) -> str:
    """Return what became of a try: PASSED or the reason of its refusal."""
    status, body = answer
    return PASSED if status in {200, 201} else str(body.get("reason"))


@dataclass(slots=True)
class Scene:
    """One namespace with a widget `web`. `tries` are those made while an approval of the very change stood."""

    world: FaultyWorld
    place: Place
    since: int
    tries: list[Tried] = field(default_factory=list)

    @classmethod
    def make(cls, world: FaultyWorld, name: str) -> "Scene":
        """Make the namespace and its widget."""
        since = world.etcd.revision()
        status, answer = world.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert status == 201, answer
        scene = cls(world, Place(world.gated, name), since)
        scene.place.given("widgets", KINDS["custom resource"].sample)
        return scene

    def approved(self, change: Change) -> Refusal:
        """Have a change asked for and approved."""
        waiting = asked(change.send(self.place))
        self.approve(waiting)
        return waiting

    def approve(self, waiting: Refusal) -> None:
        """Decide as a person."""
        answer = self.place.decide(waiting)
        assert answer[0] == 200, answer

    def attempt(self, change: Change, fault: str) -> str:
        """Try once while the approval stands; counted under `fault`. Returns the outcome."""
        result = self.send(change)
        self.tries.append(Tried(fault, result))
        return result

    @contextmanager
    def attempting(self, change: Change, fault: str) -> Iterator["Future[str]"]:
        """Try once in the background, to be ended inside the block."""
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(self.send, change)
            try:
                yield result
            finally:
                self.tries.append(Tried(fault, result.result()))

    @contextmanager
    def deciding(self, waiting: Refusal) -> Iterator["Future[str]"]:
        """Approve in the background, to be ended inside the block."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(lambda: outcome(self.place.decide(waiting)))

    def send(self, change: Change) -> str:
        """Try once, whatever stands; returns the outcome."""
        try:
            return outcome(change.send(self.place))
        except (OSError, http.client.HTTPException):
            return NO_ANSWER

    def asks_again(self, change: Change, outcome_of_last: str | None = "Consumed") -> Refusal:
        """The same request is asked for anew, told what became of the last approval; approve that."""
        again = asked(change.send(self.place))
        assert again.reason == "ApprovalRequired", again
        previous = self.place.approval(again)["spec"].get("previous", {})
        assert previous.get("outcome") == outcome_of_last, previous
        self.approve(again)
        return again

    def goes_on(self, change: Change) -> None:
        """What an agent does after a refusal: the same again; where that asks anew, approve it, and the next passes."""
        if (result := self.send(change)) == PASSED:
            self.tries.append(Tried(AFTERWARDS, result))
            return
        self.approve(asked(change.send(self.place)))
        assert self.attempt(change, AFTERWARDS) == PASSED

    def claim(self, waiting: Refusal) -> dict[str, Any] | None:
        """Return the approval's claim."""
        claim: dict[str, Any] | None = self.place.approval(waiting)["status"].get("claim")
        return claim

    def judge(self) -> list[str]:
        """Return what must not have happened and did; the audit log may be a moment behind what is stored."""
        broken: list[str] = []

        def is_clean() -> bool:
            broken[:] = wrong_allows(self.world.evidence(self.place.namespace, self.since))
            return not broken

        try:
            wait_until(is_clean, "nothing was stored that should not be", 2.0)
        except ClusterError:
            return broken
        return []
