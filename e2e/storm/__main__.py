"""The storm, for people: `python -m e2e.storm --seconds 1200`, on a cluster of two nodes of its own (root).

A steady load of agents and people while one thing after the other breaks. Ends by itself; exit code 1 where anything
was allowed wrongly, a person affected, or an agent refused for a reason that nobody knows.
"""

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from e2e import image
from e2e.cluster.errors import ClusterError
from e2e.node.cluster import RealCluster
from e2e.release.installation import IMAGE, Agent, Installation
from e2e.storm import page
from e2e.storm.ground import Ground
from e2e.storm.place import Names
from e2e.storm.plans import SHORT, Plan, long_plan
from e2e.storm.report import Facts, line, problems, section
from e2e.storm.run import Storm
from e2e.storm.verdict import Phase


def main() -> int:
    """Run it, tell of each phase, and write the page where that was asked for."""
    arguments = _arguments()
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    try:
        plan = SHORT if arguments.short else long_plan(arguments.seconds, arguments.rate, arguments.only)
        phases, facts = _run(plan, tell)
        if arguments.write:
            page.write(section(phases, facts))
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n".join(section(phases, facts)))
    return 1 if problems(phases) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m e2e.storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1200.0, help="of load, about (default: %(default).0f)")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second (default: %(default).0f)")
    parser.add_argument("--only", action="append", default=[], metavar="WORDS", help="only faults that begin like this")
    parser.add_argument("--short", action="store_true", help="each fault once, as the test does it")
    parser.add_argument("--write", action="store_true", help="write what was found into docs/reliability.md")
    return parser.parse_args()


def _run(plan: Plan, tell: Callable[[str], None]) -> tuple[Sequence[Phase], Facts]:
    with tempfile.TemporaryDirectory() as folder, RealCluster(nodes=("one", "two")) as cluster:
        tell("two nodes are ready")
        cluster.import_image(image.make(Path(folder), IMAGE))
        Agent(cluster).start()
        installation = Installation(cluster)
        installation.install()
        tell("the chart is installed")
        ground = Ground(cluster, installation, Names(uuid.uuid4().hex[:6]), tell)

        def done(phase: Phase) -> None:
            tell(line(phase))
            for problem in problems([phase]):
                tell(f"error: {problem}")

        phases = Storm(ground, plan).run(done)
        version = cluster.control_plane.raw("GET", "/version")[1]["gitVersion"].removeprefix("v")
    return phases, Facts(os.cpu_count() or 1, version, f"{dt.datetime.now(dt.UTC):%B %Y}", plan.rate)


if __name__ == "__main__":
    sys.exit(main())
