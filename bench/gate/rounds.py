"""One round: its scenarios one after the other, what they used meanwhile, and everything they made removed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bench.gate import plan
from bench.gate.approvals import Approvals
from bench.gate.loading import Done, Expected
from bench.gate.plan import Extent, Planned, Scenario
from bench.gate.results import Cell, Round, latency
from bench.gate.usage import cpu_seconds
from bench.gate.world import World
from e2e.cluster.errors import ClusterError

_CREATED, _UPDATED = Expected(201), Expected(200)
_REQUIRED, _PENDING = Expected(403, "ApprovalRequired"), Expected(403, "ApprovalPending")
_ASKED = {  # which process answers; nobody is asked about a person, so that ours shows how little it then uses
    Scenario.PERSON: "kubeapprove",
    Scenario.ALLOWED: "allow",
    Scenario.UNCHANGED_ALLOWED: "allow",
    Scenario.GATED: "gate",
    Scenario.APPROVED: "kubeapprove",
    Scenario.CREATED: "kubeapprove",
    Scenario.AGAIN: "kubeapprove",
    Scenario.UNCHANGED: "kubeapprove",
    Scenario.RULED_ALLOWED: "allow",
    Scenario.RULED: "kubeapprove",
}
Key = tuple[Scenario, int, int]


@dataclass
class Recorder:
    """What was measured until now, by scenario, clients, and how many other approvals there were."""

    rounds: dict[Key, list[Round]] = field(default_factory=dict)
    milliseconds: dict[Key, list[float]] = field(default_factory=dict)

    def add(self, key: Key, number: int, done: Done, webhook_cpu: float, apiserver_cpu: float) -> None:
        """Add one scenario of one round."""
        measured = latency(done.milliseconds)
        figures = Round(
            number=number,
            latency=measured,
            webhook_cpu=round(webhook_cpu, 2),
            apiserver_cpu=round(apiserver_cpu, 2),
        )
        self.rounds.setdefault(key, []).append(figures)
        self.milliseconds.setdefault(key, []).extend(done.milliseconds)

    def cells(self) -> tuple[Cell, ...]:
        """Return it all, summarized."""
        return tuple(
            Cell(
                scenario=scenario,
                clients=clients,
                approvals=approvals,
                rounds=tuple(rounds),
                latency=latency(self.milliseconds[scenario, clients, approvals]),
            )
            for (scenario, clients, approvals), rounds in self.rounds.items()
        )


@dataclass(frozen=True, slots=True)
class Measuring:
    """One round at one number of clients, with so many other approvals."""

    world: World
    recorder: Recorder
    extent: Extent
    number: int
    clients: int
    approvals: int = 0

    def measure(self, scenario: Scenario, requests: list[Planned], expected: Expected, as_: str) -> int:
        """Send requests, note what they took, and return how many were sent before the time was over."""
        world = self.world
        pid = world.pids.get(_ASKED.get(scenario, ""))
        before = _cpu(pid), _cpu(world.pids["kube-apiserver"])
        done = world.loader.send(requests, expected, as_=as_, clients=self.clients, seconds=self.extent.seconds)
        after = _cpu(pid), _cpu(world.pids["kube-apiserver"])
        key = (scenario, self.clients, self.approvals)
        self.recorder.add(key, self.number, done, after[0] - before[0], after[1] - before[1])
        return len(done.milliseconds)

    def all_scenarios(self) -> None:
        """Measure every scenario and remove what they made."""
        blocks = [self._without_webhooks, self._person, self._allowed, self._updates, self._gates]
        for block in self._in_turn(blocks):
            block()
        Approvals(self.world.loader).remove_all()

    def our_chain(self) -> int:
        """Have the agent refused, refused again, approved, let through; return how many of each."""
        count = self._refused()
        self._approved(count)
        return count

    def _in_turn(self, blocks: list[Callable[[], None]]) -> list[Callable[[], None]]:
        """Every second round goes backwards: what drifts within a round favours nobody."""
        return blocks if self.number % 2 == 0 else blocks[::-1]

    def _without_webhooks(self) -> None:
        self.world.registrations.take_away()
        try:
            self._creations(Scenario.BARE, "bare", plan.PERSON)
        finally:
            self.world.registrations.put_back()

    def _person(self) -> None:
        before = self.world.gated.webhook.answers()
        self._creations(Scenario.PERSON, "pers", plan.PERSON)
        asked = self.world.gated.webhook.answers() - before
        if asked:
            raise ClusterError(f"the webhook was asked {asked} times about a person's writes: it must never be")

    def _allowed(self) -> None:
        self._creations(Scenario.ALLOWED, "allw", plan.ALLOWED)

    def _creations(self, scenario: Scenario, prefix: str, as_: str) -> None:
        count = self.measure(scenario, plan.creations(prefix, self.extent.requests), _CREATED, as_)
        self._remove(prefix, count)

    def _updates(self) -> None:
        """Measure updates of nothing and of a label side by side: what a rule costs is compared with no change."""
        same = plan.unchanged_updates(self.extent.requests)
        theirs, ours = (plan.label_updates(f"{who}-{self.number}", self.extent.requests) for who in ("gos", "our"))
        blocks: list[Callable[[], None]] = [
            lambda: self._measured(Scenario.UNCHANGED_ALLOWED, same, plan.ALLOWED),
            lambda: self._measured(Scenario.UNCHANGED, same, plan.AGENT),
            lambda: self._measured(Scenario.RULED, ours, plan.AGENT),
            lambda: self._measured(Scenario.RULED_ALLOWED, theirs, plan.ALLOWED),
        ]
        for block in self._in_turn(blocks):
            block()

    def _measured(self, scenario: Scenario, updates: list[Planned], as_: str) -> None:
        self.measure(scenario, updates, _UPDATED, as_)

    def _gates(self) -> None:
        """Measure both gates on equally many approvals, prepared for both before either is measured."""
        count = self._refused()
        approvals = Approvals(self.world.loader)
        approvals.prepare_for_gate("gate", count)
        both: list[Callable[[], None]] = [lambda: self._gated(count), lambda: self._approved(count)]
        for one in self._in_turn(both):
            one()

    def _refused(self) -> int:
        requests = plan.creations("ours", self.extent.requests)
        count = self.measure(Scenario.CREATED, requests, _REQUIRED, plan.AGENT)
        self.measure(Scenario.AGAIN, requests[:count], _PENDING, plan.AGENT)
        Approvals(self.world.loader).approve_ours()
        return count

    def _approved(self, count: int) -> None:
        done = self.measure(Scenario.APPROVED, plan.creations("ours", count), _CREATED, plan.AGENT)
        self._remove("ours", done)

    def _gated(self, count: int) -> None:
        done = self.measure(Scenario.GATED, plan.creations("gate", count), _CREATED, plan.GATED)
        self._remove("gate", done)

    def _remove(self, prefix: str, count: int) -> None:
        self.world.loader.send(plan.removals(prefix, count), Expected(200))


def measure_flatness(world: World, recorder: Recorder, extent: Extent, number: int, clients: int) -> None:
    """Measure our own scenarios without other approvals, and with many; in every second round the other way round."""
    approvals = Approvals(world.loader)
    for others in (0, extent.others) if number % 2 == 0 else (extent.others, 0):
        measuring = Measuring(world, recorder, extent, number, clients, others)
        if others:
            world.loader.send([plan.create("sample")], _REQUIRED, as_=plan.AGENT)
            approvals.add_others(others)
        measuring.our_chain()
        approvals.remove_all()


def _cpu(pid: int | None) -> float:
    return 0.0 if pid is None else cpu_seconds(pid)
