"""Figures of a run that never was: every cell of the tables, with the milliseconds that a test asks for."""

from collections.abc import Mapping, Sequence

from bench.gate.goals import MEMORY_MIB, RULING_MS
from bench.gate.plan import CLIENTS, Scenario
from bench.gate.results import About, Cell, Latency, Results, Round, Ruling, Sizes

OTHERS = 5_000
ABOUT = About(
    month="November 2026",
    processor="a processor",
    cores=2,
    kubernetes="1.37.2",
    etcd="3.7.3",
    go="1.26.8",
    python="3.11.7",
    fsync_ms=1.04,
    bytes=Sizes(sent=3_762, stored=10_374, change=10_424),
    seconds=1.5,
    rounds=3,
    flat_rounds=2,
    others=OTHERS,
    background_per_second=50,
)


def latency(p50: float, p99: float | None = None) -> Latency:
    return Latency(count=100, p50=p50, p95=p50 * 1.5, p99=p99 if p99 is not None else p50 * 2)


def cell(scenario: Scenario, p50s: Sequence[float], *, clients: int = 1, approvals: int = 0) -> Cell:
    rounds = tuple(
        Round(number=number, latency=latency(p50), webhook_cpu=0.2, apiserver_cpu=0.4)
        for number, p50 in enumerate(p50s)
    )
    whole = Latency(count=100 * len(rounds), p50=p50s[0], p95=p50s[0], p99=p50s[0])
    return Cell(scenario=scenario, clients=clients, approvals=approvals, rounds=rounds, latency=whole)


def results(
    p50s: Mapping[Scenario, Sequence[float]] | None = None,
    *,
    with_others: float = 10.0,
    memory: float = MEMORY_MIB,
    ruling: float = RULING_MS,
) -> Results:
    """Return a run in which everything takes 10 ms but for what is given."""
    given = p50s or {}
    return Results(
        about=ABOUT,
        cells=tuple(
            cell(scenario, given.get(scenario, (10.0, 10.0, 10.0)), clients=clients)
            for clients in CLIENTS
            for scenario in Scenario
        ),
        flat=tuple(
            cell(scenario, (p50, p50), clients=8, approvals=others)
            for scenario in (Scenario.AGAIN, Scenario.APPROVED)
            for others, p50 in ((0, 10.0), (OTHERS, with_others))
        ),
        ruling=Ruling(policies=20, rules=20, p50=ruling, p99=2 * ruling),
        memory={"kubeapprove": memory, "gate": 33.6, "allow": 12.5},
    )
