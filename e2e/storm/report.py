"""What a run found: lines for people who watch it, and the section of docs/reliability.md."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from e2e.storm.explanations import EXPLANATIONS
from e2e.storm.recovery import recovery
from e2e.storm.sample import NOT_OURS, Kind
from e2e.storm.verdict import Phase

_AGENTS = tuple(kind for kind in Kind if kind not in NOT_OURS | {Kind.READ})
_NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the machine and the run."""

    cores: int
    kubernetes: str
    month: str
    rate: float


def problems(phases: Sequence[Phase]) -> list[str]:
    """Return a sentence for everything that must not have been: then the run has failed."""
    return [
        problem for phase in phases for problem in (*phase.wrong, *phase.calls, *phase.affected, *phase.unexplained)
    ]


def line(phase: Phase) -> str:
    """Return what is told of a phase as soon as it is over."""
    back, agents, people = recovery(phase), phase.waits(*_AGENTS), phase.waits(*NOT_OURS)
    parts = (
        f"{phase.fault}: {phase.seconds:.0f} s, {phase.rate:.0f}/s, processors {phase.busy:.0%} busy",
        f"{len(phase.wrong)} wrong allows",
        f"{len(phase.tries)} tries, refused falsely {_reasons(phase.refused)}",
        f"last of them {_seconds(back.last_from_start)} from the start, {_seconds(back.last_from_end)} from the end",
        f"all judged again after {_seconds(back.first)}",
        f"decisions not stored {_reasons(phase.undecided)}",
        f"{len(phase.peoples)} changes of people, {len(phase.affected)} affected",
        f"{phase.hit_with_the_server} hit with the API server, longest {people.longest:.2f} s",
        f"agents waited {agents.middle:.3f}, {agents.late:.2f}, at most {agents.longest:.2f} s",
        f"{phase.held_back} not sent",
    )
    return "; ".join(parts)


def section(phases: Sequence[Phase], facts: Facts) -> Iterator[str]:
    """Yield the lines between the markers."""
    yield (
        f"One run: {sum(phase.seconds for phase in phases) / 60:.0f} minutes of load, planned at {facts.rate:.0f} a "
        f"second; {facts.cores} cores for all of it, nodes and load included, Kubernetes {facts.kubernetes}, "
        f"etcd without fsync, {facts.month}."
    )
    yield ""
    wrong, affected = (sum(len(found) for found in each) for each in zip(*map(_both, phases), strict=True))
    refused, unexplained = _total(phases), sum(len(phase.unexplained) for phase in phases)
    yield (
        f"**Wrong allows: {wrong}. People affected: {affected}. False refusals: {refused}, "
        f"for reasons that nobody knows: {unexplained}.**"
    )
    yield ""
    yield from _table(
        ("fault", "requests (a second)", "tries", "refused falsely", "last one, from start / end", "all judged again"),
        (_agents_row(phase) for phase in phases),
    )
    yield ""
    yield from _table(
        (
            "fault",
            "agents wait: p50 / p99 / longest",
            "decisions not stored",
            "people's changes",
            "affected",
            "hit with the API server",
            "people wait: p50 / longest",
        ),
        (_people_row(phase) for phase in phases),
    )
    yield ""
    yield from _table(("refused falsely", "times", "under", "why"), _why(phases))


def _both(phase: Phase) -> tuple[Sequence[str], Sequence[str]]:
    return phase.wrong, (*phase.affected, *phase.calls)


def _total(phases: Sequence[Phase]) -> int:
    return sum(sum(phase.refused.values()) for phase in phases)


def _agents_row(phase: Phase) -> Sequence[str]:
    back = recovery(phase)
    from_start, from_end = _seconds(back.last_from_start), _seconds(back.last_from_end)
    return (
        phase.fault,
        f"{len(phase.samples)} ({phase.rate:.0f})",
        str(len(phase.tries)),
        str(sum(phase.refused.values())),
        _NOTHING if back.last_from_start is None else f"{from_start} / {from_end}",
        _seconds(back.first),
    )


def _people_row(phase: Phase) -> Sequence[str]:
    agents, people = phase.waits(*_AGENTS), phase.waits(*NOT_OURS)
    return (
        phase.fault,
        f"{agents.middle * 1000:.0f} ms / {agents.late:.2f} s / {agents.longest:.1f} s",
        _reasons(phase.undecided),
        str(len(phase.peoples)),
        str(len(phase.affected) + len(phase.calls)),
        str(phase.hit_with_the_server),
        f"{people.middle * 1000:.0f} ms / {people.longest:.2f} s",
    )


def _why(phases: Sequence[Phase]) -> Iterator[Sequence[str]]:
    outcomes = sorted({outcome for phase in phases for outcome in phase.refused})
    for outcome in outcomes:
        under = {phase.fault: phase.refused[outcome] for phase in phases if outcome in phase.refused}
        why = EXPLANATIONS[outcome].sentence if outcome in EXPLANATIONS else "**not explained**"
        faults = ", ".join(f"{fault} ({times})" for fault, times in under.items())
        yield outcome, str(sum(under.values())), faults, why


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _reasons(refused: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items())) or "0"


def _seconds(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1f} s"
