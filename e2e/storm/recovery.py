"""How long it took until everything was as before: from when a fault began, and from when it was over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from e2e.storm.sample import JUDGED, Kind, Sample
from e2e.storm.verdict import Blow, Phase


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds, the longest of a phase's faults; None where there is nothing to tell.

    `first`: from a fault's end until a request of each kind, sent after it, was judged as it should be.
    `last_from_start`, `last_from_end`: until the last false refusal; below zero where it was before the end.
    """

    first: float | None
    last_from_start: float | None
    last_from_end: float | None


def recovery(phase: Phase) -> Recovery:
    """Return the recovery times of a phase."""
    firsts, from_start, from_end = list[float](), list[float](), list[float]()
    for blow, samples in _by_blow(phase):
        firsts += [found for kind in JUDGED if (found := _first(kind, blow, samples)) is not None]
        refused = [one.end for one in samples if one.is_false_refusal and one.end >= blow.start]
        if refused:
            from_start.append(max(refused) - blow.start)
            from_end.append(max(refused) - blow.end)
    return Recovery(max(firsts, default=None), max(from_start, default=None), max(from_end, default=None))


def _by_blow(phase: Phase) -> Iterator[tuple[Blow, Sequence[Sample]]]:
    """Yield each fault with the requests that were sent before the next one began."""
    ends = [*(blow.start for blow in phase.blows[1:]), float("inf")]
    for blow, end in zip(phase.blows, ends, strict=False):
        yield blow, [one for one in phase.samples if one.end >= blow.start and one.at < end]


def _first(kind: Kind, blow: Blow, samples: Sequence[Sample]) -> float | None:
    return min(
        (one.end - blow.end for one in samples if one.kind is kind and one.at >= blow.end and one.is_judged),
        default=None,
    )
