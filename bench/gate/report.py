"""The section of docs/performance.md, rendered from the figures: nothing in it is written by hand."""

import textwrap
from collections.abc import Callable, Iterable, Iterator

from bench.gate.goals import Outcome, outcomes
from bench.gate.plan import CLIENTS
from bench.gate.results import Cell, Results

_GO_GATE = """
The Go gate makes the same three calls with client-go as the same ServiceAccount (GET from the watch cache, access
review, conditional PATCH), its client-side throttle lifted. It parses the review, hashes the object and reads the
decision, but finds the approval by the object's name, compares no hash, and has no never-list, no diff, no hidden
values, no records, no metrics, no dry run, no second pass: less than a gate has to do. The other Go webhook only reads
the review and says yes.
"""
_WIDTH = 120


def section(results: Results) -> str:
    """Return the whole section, between the page's markers."""
    parts = (_how(results), _latency_table(results), _cpu_table(results), _flat_table(results), _goals_table(results))
    return "\n".join(parts)


def _how(results: Results) -> str:
    about = results.about
    sizes = about.bytes
    memory = ", ".join(f"{_webhook(name)} {mib:.0f}" for name, mib in results.memory.items())
    how = f"""
Measured with `make bench`, {about.month}: {about.cores} cores ({about.processor}), Kubernetes {about.kubernetes},
etcd {about.etcd} with fsync ({about.fsync_ms:.1f} ms each), Python {about.python}, Go {about.go}; load generator, API
server, etcd, controllers and webhooks share the cores. {about.rounds} rounds, each scenario for at most
{about.seconds:g} s in each, neighbours in the other order in every second round, while {about.background_per_second}
other writes a second go on. The object is a PodTemplate: {_kb(sizes.sent)} KB as sent, {_kb(sizes.stored)} KB as
stored with its managedFields, {_kb(sizes.change)} KB as the change in its approval. Each client has a connection of
its own (HTTP/2). The API server speaks HTTP/2 to the Go webhooks and HTTP/1.1 to kubeapprove. No operator runs.
"""
    highest = f"Memory of each webhook at its highest, MiB: {memory}."
    plot = "![p50 and p99 of each request at 1, 8 and 32 clients](assets/performance.svg)"
    return "\n\n".join((_paragraph(how), _paragraph(_GO_GATE), highest, plot)) + "\n"


def _paragraph(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _latency_table(results: Results) -> str:
    heads = [f"{clients} client{'s' * (clients > 1)}" for clients in CLIENTS]
    rows = _rows(results, lambda cell: " / ".join(map(figure, (cell.latency.p50, cell.latency.p95, cell.latency.p99))))
    return "What the client waits, p50 / p95 / p99 in milliseconds:\n\n" + _table(["request", *heads], rows)


def _cpu_table(results: Results) -> str:
    heads = [f"{clients} client{'s' * (clients > 1)}" for clients in CLIENTS]
    rows = _rows(results, lambda cell: f"{figure(cell.webhook_cpu())} / {figure(cell.apiserver_cpu())}")
    what = "CPU seconds of 1,000 requests, webhook / API server (whose other writes meanwhile are in it):\n\n"
    return what + _table(["request", *heads], rows)


def _rows(results: Results, text: Callable[[Cell], str]) -> Iterator[list[str]]:
    for scenario in results.scenarios:
        yield [scenario, *(text(results.cell(scenario, clients)) for clients in CLIENTS)]


def _flat_table(results: Results) -> str:
    others = sorted({cell.approvals for cell in results.flat})
    scenarios = list(dict.fromkeys(cell.scenario for cell in results.flat))
    clients = results.flat[0].clients
    rows = [
        [scenario, *(figure(results.flat_cell(scenario, count).latency.p50) for count in others)]
        for scenario in scenarios
    ]
    heads = ["request", *(f"{count:,} other approvals" for count in others)]
    return f"With other approvals in the same namespace, {clients} clients, p50 in milliseconds:\n\n" + _table(
        heads, rows
    )


def _goals_table(results: Results) -> str:
    what = "Goals, as ratios of p50 or p99 in the same round: median, and least and most over the rounds:\n\n"
    heads = ["goal", "clients", "at most", "measured", ""]
    return what + _table(heads, ([*_outcome(outcome)] for outcome in outcomes(results)))


def _outcome(outcome: Outcome) -> Iterator[str]:
    spread = outcome.measured
    yield from (outcome.goal, outcome.where, f"{outcome.bound:g}")
    is_single = spread.low == spread.high
    yield figure(spread.median) if is_single else f"{spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f})"
    yield "met" if outcome.is_met else "missed"


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = (heads, ["---"] * len(heads), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def figure(value: float) -> str:
    """Return a figure with about two significant digits, as many as the noise leaves."""
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _kb(size: int) -> str:
    return figure(size / 1000)


def _webhook(name: str) -> str:
    return {"gate": "Go gate", "allow": "Go webhook"}.get(name, name)
