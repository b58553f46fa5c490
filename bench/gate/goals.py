"""What was promised, and whether the figures keep it: ratios of neighbours in the same round, then their median."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.gate.plan import CLIENTS, Scenario
from bench.gate.results import Cell, Latency, Results

MEMORY_MIB = 90.0
SAME = 1.05
"""What counts as the same: two runs of one scenario differ by more than this in single rounds."""
FLAT = 1.1
RULING_MS = 1.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one figure over the rounds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One goal at one number of clients: bound and what was measured, both ratios, or MiB or ms where it says so."""

    goal: str
    where: str
    bound: float
    measured: Spread

    @property
    def is_met(self) -> bool:
        """Whether the median is within the bound."""
        return self.measured.median <= self.bound


@dataclass(frozen=True, slots=True)
class _Goal:
    text: str
    ours: Scenario
    theirs: Scenario
    figure: Callable[[Latency], float]
    bounds: tuple[float, float, float]
    """At 1, 8 and 32 clients."""


def _p50(latency: Latency) -> float:
    return latency.p50


def _p99(latency: Latency) -> float:
    return latency.p99


_GOALS = (
    _Goal("a person, against no webhook, p50", Scenario.PERSON, Scenario.BARE, _p50, (SAME,) * 3),
    _Goal(
        "no change, against the Go webhook that allows everything, p50",
        Scenario.UNCHANGED,
        Scenario.UNCHANGED_ALLOWED,
        _p50,
        (1.2, 1.2, 1.3),
    ),
    _Goal("allowed by a rule, against no change, p50", Scenario.RULED, Scenario.UNCHANGED, _p50, (1.3,) * 3),
    _Goal("approved, against the Go gate, p50", Scenario.APPROVED, Scenario.GATED, _p50, (1.1,) * 3),
    _Goal("approved, against the Go gate, p99", Scenario.APPROVED, Scenario.GATED, _p99, (1.3,) * 3),
)
_FLAT = ((Scenario.APPROVED, "approved"), (Scenario.AGAIN, "refused again"))


def outcomes(results: Results) -> Iterator[Outcome]:
    """Yield each goal where it applies."""
    for goal in _GOALS:
        if not {goal.ours, goal.theirs} <= set(results.scenarios):
            continue
        for clients, bound in zip(CLIENTS, goal.bounds, strict=True):
            ours, theirs = results.cell(goal.ours, clients), results.cell(goal.theirs, clients)
            yield Outcome(goal.text, str(clients), bound, ratios(ours, theirs, goal.figure))
    for scenario, name in _FLAT:
        many, none = results.flat_cell(scenario, results.about.others), results.flat_cell(scenario, 0)
        text = f"{name}, {results.about.others:,} other approvals against none, p50"
        yield Outcome(text, str(many.clients), FLAT, ratios(many, none, _p50))
    if (ruling := results.ruling) is not None:
        text = f"one change judged by {ruling.policies} policies of {ruling.rules} rules, p50, ms"
        yield Outcome(text, "-", RULING_MS, Spread(ruling.p50, ruling.p50, ruling.p50))
    memory = results.memory["kubeapprove"]
    yield Outcome("the webhook's memory at its highest, MiB", "all", MEMORY_MIB, Spread(memory, memory, memory))


def ratios(ours: Cell, theirs: Cell, figure: Callable[[Latency], float]) -> Spread:
    """Compare two scenarios round by round; raises ValueError where they were not measured in the same rounds."""
    theirs_by_round = {each.number: each.latency for each in theirs.rounds}
    if {each.number for each in ours.rounds} != set(theirs_by_round):
        raise ValueError(f"{ours.scenario!r} and {theirs.scenario!r} were not measured in the same rounds")
    found = [figure(each.latency) / figure(theirs_by_round[each.number]) for each in ours.rounds]
    return Spread(statistics.median(found), min(found), max(found))
