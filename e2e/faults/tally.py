"""Counts what became of requests whose change was approved: each fault's passes, and its false refusals by reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

PASSED = "passed"
NO_ANSWER = "no answer"
"""The API server itself went away before it answered."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try while an approval of exactly this change stood: `outcome` is PASSED or the refusal's reason."""

    fault: str
    outcome: str


@dataclass(slots=True)
class Tally:
    """All of them, and how often the invariants were broken."""

    tries: list[Tried] = field(default_factory=list)
    wrong_allows: int = 0

    def table(self) -> Iterable[str]:
        """Return the table's lines: a row for each fault, by name, and the sum."""
        faults = sorted({tried.fault for tried in self.tries})
        width = max((len(fault) for fault in faults), default=0)
        yield f"{'fault':{width}}  tries  passed  refused falsely"
        for fault in faults:
            yield self._row(fault, width, [tried.outcome for tried in self.tries if tried.fault == fault])
        yield self._row("all", width, [tried.outcome for tried in self.tries])
        yield f"wrong allows: {self.wrong_allows}"

    @staticmethod
    def _row(fault: str, width: int, outcomes: list[str]) -> str:
        refused = Counter(outcome for outcome in outcomes if outcome != PASSED)
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items()))
        why = f" ({reasons})" if reasons else ""
        return f"{fault:{width}}  {len(outcomes):5}  {len(outcomes) - refused.total():6}  {refused.total()}{why}"
