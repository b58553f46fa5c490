"""Few words for what a phase is made of."""

from typing import Any

from e2e.storm.explanations import Fault
from e2e.storm.sample import PASSED, Kind, Sample
from e2e.storm.verdict import Blow, Phase


def sample(kind: Kind = Kind.NO_CHANGE, outcome: str = PASSED, *, at: float = 0, seconds: float = 0.1) -> Sample:
    """One request."""
    return Sample(kind, at, seconds, outcome)


def phase(*samples: Sample, fault: Fault = Fault.KILL, blows: tuple[Blow, ...] = (Blow(10, 12),), **more: Any) -> Phase:
    """One phase of half a minute."""
    return Phase(fault, 30.0, samples, blows, **more)
