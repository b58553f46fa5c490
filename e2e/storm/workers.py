"""Who sends: agents, a person and an approver, each with objects of its own, one request at a time."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from e2e.storm.client import Answer, Client
from e2e.storm.nonces import Nonces
from e2e.storm.place import AGENTS, APPROVER, PERSON, SLOTS, Place, configmaps
from e2e.storm.sample import NO_ANSWER, PASSED, Kind, Sample, outcome

CROWD: Final = 5
"""How many send the same about one object: enough that requests leave on time while others wait for ten seconds."""
AGAIN: Final = 1.0
"""Seconds after which what was refused is tried again; real agents are told to wait half a minute."""
CONTROLLER_SECONDS: Final = 10.0
_POLL: Final = 0.1
_ASKED: Final = {"ApprovalRequired", "ApprovalPending"}


@dataclass(frozen=True, slots=True)
class Next:
    """When a worker goes on: after so many seconds, before others where it is in the middle of something."""

    is_midway: bool = False
    after: float = 0.0


IDLE: Final = Next()


class Worker(Protocol):
    """One of those that the load takes in turn."""

    async def step(self, client: Client) -> Next:
        """Send what is next and note what became of it."""


Note = Callable[[Sample], None]


def sample(kind: Kind, answer: Answer) -> Sample:
    """Return what is counted of an answer."""
    return Sample(
        kind,
        answer.at,
        answer.seconds,
        outcome(answer.status, answer.body),
        str(answer.body.get("message", "")) if answer.status >= 300 else "",
    )


@dataclass(slots=True)
class Simple:
    """Sends requests that need no approval, or never get one: the same way every time."""

    kind: Kind
    agent: str
    requests: Iterator[tuple[str, str, Any]]
    note: Note

    async def step(self, client: Client) -> Next:
        """Send the next."""
        method, path, body = next(self.requests)
        self.note(sample(self.kind, await client.send(self.agent, method, path, body)))
        return IDLE


class Approved:
    """Asks for a change, has it approved by a person, and makes it; then the next change of the same object."""

    def __init__(self, place: Place, agent: str, name: str, nonces: Nonces, note: Note, *, creates: bool) -> None:
        self._place, self._agent, self._name = place, agent, name
        self._nonces, self._note, self._creates = nonces, note, creates
        self._number, self._approval, self._is_approved = 0, "", False
        self._begin()

    async def step(self, client: Client) -> Next:
        """Ask, decide or make the change: whatever is next."""
        if self._approval and not self._is_approved:
            return await self._decide(client)
        answer = await self._send(client)
        done = sample(Kind.APPROVED, answer)
        if self._is_approved:
            self._note(done)
        elif done.outcome not in _ASKED:
            # Asking is refused by a gate that works; anything else is told apart by what it says.
            self._note(Sample(Kind.ASKED, done.at, done.seconds, done.outcome, done.message))
        if done.outcome in {PASSED, "AlreadyExists"}:  # the second: stored by a try whose answer was lost
            self._begin()
            return IDLE
        if done.outcome in _ASKED:
            self._approval, self._is_approved = str(answer.body["details"]["name"]), False
            return Next(is_midway=True)
        return Next(is_midway=True, after=AGAIN)

    def _begin(self) -> None:
        self._number += 1
        self._approval, self._is_approved = "", False
        self._body = {"data": {"n": self._nonces.new(Kind.APPROVED)}}

    async def _send(self, client: Client) -> Answer:
        if self._creates:
            body = {"metadata": {"name": f"{self._name}-{self._number}"}, **self._body}
            return await client.send(self._agent, "POST", configmaps(self._place.asked), body)
        return await client.send(self._agent, "PATCH", configmaps(self._place.asked, self._name), self._body)

    async def _decide(self, client: Client) -> Next:
        """Read which approval it is, and approve; one that is gone is asked for again."""
        where = f"/apis/kubeapprove.io/v1alpha1/namespaces/{self._place.asked}/manifestapprovals/{self._approval}"
        read = await client.send(APPROVER, "GET", where)
        if read.status == 404:
            self._approval = ""
        if read.status != 200:
            return Next(is_midway=True, after=AGAIN)
        decision = {"for": read.body["metadata"]["uid"], "verdict": "Approved", "reason": "read it"}
        answer = await client.send(APPROVER, "PATCH", where, {"spec": {"decisions": {"alice": decision}}})
        self._note(sample(Kind.DECISION, answer))
        self._is_approved = answer.status == 200
        return Next(is_midway=True, after=0.0 if self._is_approved else AGAIN)


class Person:
    """Creates, changes and deletes a ConfigMap, and then the next."""

    def __init__(self, place: Place, name: str, nonces: Nonces, note: Note) -> None:
        self._place, self._name, self._nonces, self._note = place, name, nonces, note
        self._round = 0
        self._methods: Iterator[str] = iter(())

    async def step(self, client: Client) -> Next:
        """Do the next of the three; whose answer was lost begins anew, with another object."""
        method = next(self._methods, None)
        if method is None:
            self._round, self._methods, method = self._round + 1, iter(("PATCH", "DELETE")), "POST"
        name = f"{self._name}-{self._round}"
        body: Any = None if method == "DELETE" else {"data": {"n": self._nonces.new(Kind.PERSON)}}
        if method == "POST":
            body |= {"metadata": {"name": name}}
        path = configmaps(self._place.asked, "" if method == "POST" else name)
        done = sample(Kind.PERSON, await client.send(PERSON, method, path, body))
        self._note(done)
        if done.outcome == PASSED:
            return Next(is_midway=method != "DELETE")
        self._methods = iter(())
        return IDLE


class Reader:
    """A person reads: no gate ever sees that, so it tells how fast the API server itself is at that moment."""

    def __init__(self, place: Place, note: Note) -> None:
        self._path, self._note = configmaps(place.asked, "same-0-0"), note

    async def step(self, client: Client) -> Next:
        """Read one object from etcd."""
        self._note(sample(Kind.READ, await client.send(PERSON, "GET", self._path)))
        return IDLE


class Controller:
    """A person changes a Deployment, and its controller is to have seen it soon."""

    def __init__(self, place: Place, note: Note) -> None:
        self._path = f"/apis/apps/v1/namespaces/{place.asked}/deployments/steady"
        self._note, self._numbers = note, itertools.count(1)

    async def step(self, client: Client) -> Next:
        """Change it and read until its status tells of that."""
        first = changed = await client.send(
            PERSON, "PATCH", self._path, {"spec": {"minReadySeconds": next(self._numbers)}}
        )
        wanted = changed.body["metadata"]["generation"] if changed.status == 200 else 0
        seconds, done = first.seconds, outcome(first.status, first.body)
        while done == PASSED:
            read = await client.send(PERSON, "GET", self._path)
            seconds = read.at + read.seconds - first.at
            if read.status != 200:
                done = outcome(read.status, read.body)
            elif read.body.get("status", {}).get("observedGeneration", 0) >= wanted:
                break
            elif seconds > CONTROLLER_SECONDS:
                done = NO_ANSWER
            else:
                await asyncio.sleep(_POLL)
        self._note(Sample(Kind.CONTROLLER, first.at, seconds, done))
        return IDLE


def workers(place: Place, nonces: Nonces, note: Note) -> dict[Kind, list[Worker]]:
    """Return everybody who works in one place, by what they do."""
    found: dict[Kind, list[Worker]] = {kind: [] for kind in Kind if kind is not Kind.DECISION}
    for number, agent in enumerate(place.names.agents[:AGENTS]):
        for slot in range(SLOTS):
            name = f"{number}-{slot}"
            for kind in (Kind.NO_CHANGE, Kind.FREE, Kind.ASKED, Kind.DENIED):
                found[kind] += [Simple(kind, agent, _requests(kind, place, name, nonces), note)] * CROWD
            found[Kind.APPROVED] += (
                Approved(place, agent, f"made-{name}", nonces, note, creates=True),
                Approved(place, agent, f"counter-{name}", nonces, note, creates=False),
            )
    found[Kind.PERSON] = [Person(place, f"people-{number}", nonces, note) for number in range(3 * SLOTS)]
    found[Kind.CONTROLLER] = [Controller(place, note)]
    found[Kind.READ] = [Reader(place, note) for _ in range(SLOTS)]
    return found


def _requests(kind: Kind, place: Place, name: str, nonces: Nonces) -> Iterator[tuple[str, str, Any]]:
    """Yield method, path and body of what one agent sends of a kind, on and on."""
    never = {"metadata": {"name": f"never-{name}"}, "data": {"n": nonces.new(Kind.ASKED)}}
    for number in itertools.count():
        match kind:
            case Kind.NO_CHANGE:
                yield "PATCH", configmaps(place.asked, f"same-{name}"), {"metadata": {"labels": None}}
            case Kind.FREE:
                yield "PATCH", configmaps(place.free, f"free-{name}"), {"data": {"n": nonces.new(kind)}}
            case Kind.ASKED:
                yield "POST", configmaps(place.asked), never
            case _ if number % 2:
                yield "DELETE", configmaps(place.kept, f"kept-{name}"), None
            case _:
                yield "PATCH", configmaps(place.kept, f"kept-{name}"), {"data": {"n": nonces.new(Kind.DENIED)}}
