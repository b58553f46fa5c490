"""The figures: what the JSON holds. Milliseconds, CPU seconds, MiB; quantiles by nearest rank."""

import math
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from bench.gate.plan import Scenario


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Latency(_Figures):
    """Quantiles of `count` requests, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float


class Round(_Figures):
    """One scenario in one round: latency, and CPU seconds of the webhook that was asked and of the API server."""

    number: int
    latency: Latency
    webhook_cpu: float
    apiserver_cpu: float


class Cell(_Figures):
    """One scenario at one number of clients, with so many other approvals; `latency` is over all rounds together."""

    scenario: Scenario
    clients: int
    approvals: int
    rounds: tuple[Round, ...]
    latency: Latency

    def webhook_cpu(self) -> float:
        """Return CPU seconds of the webhook for 1,000 requests."""
        return sum(each.webhook_cpu for each in self.rounds) / self.latency.count * 1000

    def apiserver_cpu(self) -> float:
        """Return CPU seconds of the API server for 1,000 requests; the other writes meanwhile are in it."""
        return sum(each.apiserver_cpu for each in self.rounds) / self.latency.count * 1000


class Sizes(_Figures):
    """Bytes of the object as sent, as stored (compact, with its managedFields), and of the change in its approval."""

    sent: int
    stored: int
    change: int


class About(_Figures):
    """Where and how it was measured."""

    month: str
    processor: str
    cores: int
    kubernetes: str
    etcd: str
    go: str
    python: str
    fsync_ms: float
    bytes: Sizes
    seconds: float
    rounds: int
    flat_rounds: int
    others: int
    background_per_second: int


class Ruling(_Figures):
    """What policies cost one change in a process of its own, in milliseconds; see `bench.ruling`."""

    policies: int
    rules: int
    p50: float
    p99: float


class Results(_Figures):
    """Everything of one run; `memory` is the most resident memory of each webhook process, in MiB."""

    about: About
    cells: tuple[Cell, ...]
    flat: tuple[Cell, ...]
    memory: dict[str, float]
    ruling: Ruling | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What was measured: in figures from before a scenario was there, all the others."""
        measured = {cell.scenario for cell in self.cells}
        return tuple(scenario for scenario in Scenario if scenario in measured)

    def cell(self, scenario: Scenario, clients: int) -> Cell:
        """Return one cell of the main table."""
        return next(cell for cell in self.cells if (cell.scenario, cell.clients) == (scenario, clients))

    def flat_cell(self, scenario: Scenario, approvals: int) -> Cell:
        """Return one cell of the test for flatness."""
        return next(cell for cell in self.flat if (cell.scenario, cell.approvals) == (scenario, approvals))


def latency(milliseconds: Iterable[float]) -> Latency:
    """Summarize latencies; raises ValueError where there are none."""
    ordered = sorted(milliseconds)
    p50, p95, p99 = (round(quantile(ordered, share), 3) for share in (0.5, 0.95, 0.99))
    return Latency(count=len(ordered), p50=p50, p95=p95, p99=p99)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed (nearest rank)."""
    if not ordered:
        raise ValueError("no values, no quantile")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
