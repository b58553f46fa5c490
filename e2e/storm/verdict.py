"""What one phase did to whom: counted from its samples alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final

from e2e.storm.explanations import SERVER_FAULTS, Fault, explanation
from e2e.storm.sample import MUST_PASS, NOT_OURS, PASSED, Kind, Sample

BOUND: Final = 2.0
"""Seconds: a person who waits longer is affected. A controller has ten, or it has no outcome."""
SLOW_READ: Final = 0.5
"""Seconds; a read takes a few milliseconds."""
COMING_BACK: Final = 5.0
"""Seconds for which an API server that answers again still learns who may do what."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault, from when it began to when it was over, in seconds of the monotonic clock."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds of the requests of one sort: the middle one, the 99th of a hundred and the longest."""

    middle: float
    late: float
    longest: float


@dataclass(frozen=True, slots=True)
class Phase:
    """Everything that is known of one phase when it is over. `wrong` holds a sentence for each wrong allow."""

    fault: Fault
    seconds: float
    samples: Sequence[Sample]
    blows: Sequence[Blow] = ()
    wrong: Sequence[str] = ()
    calls: Sequence[str] = ()
    held_back: int = 0
    busy: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.samples) / self.seconds

    @property
    def tries(self) -> Sequence[Sample]:
        """Requests that should pass."""
        return [one for one in self.samples if one.kind in MUST_PASS]

    @property
    def refused(self) -> Mapping[str, int]:
        """False refusals by reason."""
        return Counter(one.outcome for one in self.tries if one.is_false_refusal)

    @property
    def unexplained(self) -> Sequence[str]:
        """A sentence for each reason that is no reason here."""
        found = {one.outcome: one for one in self.tries if one.is_false_refusal}
        return [
            f"{self.fault}: {self.refused[outcome]} of {outcome}, such as {one.kind}: {one.message or 'no message'}"
            for outcome, one in found.items()
            if not explanation(self.fault, outcome)
        ]

    @property
    def undecided(self) -> Mapping[str, int]:
        """Decisions that were not stored, by reason."""
        outcomes = (one.outcome for one in self.samples if one.kind is Kind.DECISION)
        return Counter(outcome for outcome in outcomes if outcome != PASSED)

    @property
    def peoples(self) -> Sequence[Sample]:
        """What people and controllers did."""
        return [one for one in self.samples if one.kind in NOT_OURS]

    @property
    def troubled(self) -> Sequence[Sample]:
        """Those of them that failed or waited for long."""
        return [
            one for one in self.peoples if one.outcome != PASSED or (one.seconds > BOUND and one.kind is Kind.PERSON)
        ]

    @property
    def affected(self) -> Sequence[str]:
        """A sentence for each of those that nothing but us may explain."""
        return [
            f"{self.fault}: {one.kind}: {one.outcome} after {one.seconds:.1f} s {one.message}".rstrip()
            for one in self.troubled
            if not self._is_the_servers(one)
        ]

    @property
    def hit_with_the_server(self) -> int:
        """How many of them had an API server that was gone, or an etcd that stood still."""
        return len(self.troubled) - len(self.affected)

    def _is_the_servers(self, one: Sample) -> bool:
        if "kubeapprove" in one.message or "webhook" in one.message:
            return False
        if self.fault in SERVER_FAULTS:
            return any(one.at <= blow.end + COMING_BACK and one.end >= blow.start for blow in self.blows)
        return one.outcome == PASSED and self._is_slow_to_read(one)

    def _is_slow_to_read(self, one: Sample) -> bool:
        """Whether reads were slow, too, while this went on: then it is the machine that is slow, for everybody."""
        return any(
            read.seconds > SLOW_READ and read.at < one.end and read.end > one.at
            for read in self.samples
            if read.kind is Kind.READ
        )

    def waits(self, *kinds: Kind) -> Waits:
        """Return how long requests of these kinds took."""
        seconds = sorted(one.seconds for one in self.samples if one.kind in kinds)
        if len(seconds) < 2:
            return Waits(*(seconds * 3 if seconds else (0.0, 0.0, 0.0)))
        cuts = quantiles(seconds, n=100, method="inclusive")
        return Waits(cuts[49], cuts[98], seconds[-1])
