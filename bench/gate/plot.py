"""The plot of docs/performance.md: one panel for each number of clients, one bar for each scenario."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.gate.plan import CLIENTS, Scenario
from bench.gate.report import figure
from bench.gate.results import Results

_OURS, _GO, _BARE = "#2a6fbb", "#9a9a9a", "#d0d0d0"


def draw(results: Results, path: Path) -> None:
    """Write the plot as SVG: p50 as a bar, a line from there to p99. The same figures make the same file."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kubeapprove", "font.size": 9}):
        picture = Figure(figsize=(11, 3.6), layout="constrained")
        panels = picture.subplots(1, len(CLIENTS), sharey=True)
        for panel, clients in zip(panels, CLIENTS, strict=True):
            _panel(panel, results, clients)
        picture.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    # matplotlib leaves blanks at line ends, which the repository's checks refuse.
    path.write_text("\n".join(map(str.rstrip, path.read_text().splitlines())) + "\n")


def _panel(panel: Axes, results: Results, clients: int) -> None:
    latencies = [results.cell(scenario, clients).latency for scenario in results.scenarios]
    places = range(len(latencies))
    panel.barh(places, [each.p50 for each in latencies], color=[_color(scenario) for scenario in results.scenarios])
    panel.hlines(places, [each.p50 for each in latencies], [each.p99 for each in latencies], color="#555555", lw=1)
    for place, each in zip(places, latencies, strict=True):
        panel.annotate(f" {figure(each.p50)}", (each.p99, place), va="center", fontsize=8)
    panel.set_yticks(places, results.scenarios)
    panel.margins(x=0.12)
    panel.set_xlim(left=0)
    panel.set_title(f"{clients} client{'s' * (clients > 1)}", fontsize=10)
    panel.set_xlabel("ms: bar and number p50, line to p99")
    panel.spines[["top", "right"]].set_visible(False)
    if not panel.yaxis_inverted():  # shared: the first panel's turn is everybody's
        panel.invert_yaxis()


def _color(scenario: Scenario) -> str:
    if scenario is Scenario.BARE:
        return _BARE
    return _GO if "Go" in scenario else _OURS
