"""The load generator, from here: a plan goes in, latencies come out, and an unexpected answer ends the benchmark."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.gate.plan import Planned
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError

HELPERS = 16
"""Clients at once where nothing is measured."""
_AT_MOST_SECONDS = 120.0
_GRACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Expected:
    """The one answer that a scenario gives: status, and the reason of a refusal."""

    status: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was sent of a plan, which is always a beginning of it: the time of each, and seconds in all."""

    milliseconds: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Loader:
    """Sends plans to one control plane."""

    program: Path
    control_plane: ControlPlane

    def command(self, as_: str) -> list[str | Path]:
        """Return how to start it as an identity."""
        return [self.program, f"-kubeconfig={self.control_plane.kubeconfig(as_)}"]

    def send(
        self,
        plan: Sequence[Planned],
        expected: Expected,
        *,
        as_: str = "admin",
        clients: int = HELPERS,
        seconds: float = _AT_MOST_SECONDS,
        headers: dict[str, str] | None = None,
    ) -> Done:
        """Send a plan until it is done or the seconds are over."""
        more = [f"-header={name}: {value}" for name, value in (headers or {}).items()]
        ran = subprocess.run(
            [*self.command(as_), f"-clients={clients}", f"-seconds={seconds}", *more],
            input=as_lines(plan),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + _GRACE_SECONDS,
        )
        if ran.returncode != 0:
            raise ClusterError(f"the load generator failed: {ran.stderr.strip()}")
        return read(ran.stdout, expected, as_)


def as_lines(plan: Sequence[Planned]) -> str:
    """Return a plan as the load generator reads it."""
    return "\n".join(json.dumps(asdict(planned)) for planned in plan)


def read(output: str, expected: Expected, as_: str) -> Done:
    """Read what it printed; raises where one answer is not the expected one: it would have measured something else."""
    document = json.loads(output)
    results = document["results"]
    odd = [result for result in results if (result["status"], result.get("reason", "")) != _pair(expected)]
    if odd or not results:
        first = odd[0] if odd else {}
        raise ClusterError(
            f"{len(odd)} of {len(results)} answers to {as_} were not {expected.status} {expected.reason}; the first: "
            f"{first.get('status')} {first.get('reason', '')} {first.get('message', '')}"
        )
    return Done(tuple(result["ms"] for result in results), document["seconds"])


def _pair(expected: Expected) -> tuple[int, str]:
    return expected.status, expected.reason
