"""What is owed for broken glass: a review by somebody else than who broke it."""

from collections.abc import Iterable

from kubeapprove.printable import quoted, safe
from kubeapprove.resources import Owed
from kubeapprove_cli.clock import moment
from kubeapprove_cli.lines import Line, line
from kubeapprove_cli.review import place_of
from kubeapprove_cli.state import State


def owed(approvals: Iterable[State], context: str) -> list[Line]:
    """Return who broke the glass on what, when and why, and the command that acknowledges it, the oldest first."""
    lines: list[Line] = []
    for approval in sorted(approvals, key=lambda one: min(mark.at for mark in one.owed)):
        lines.append(line((approval.full_name, "bold"), f": {approval.subject}"))
        lines += [line("  ", text) for text in broken(approval)]
        lines += [
            line("  Read it: kubectl approve review ", safe(place_of(approval, context))),
            line("  Next: kubectl approve acknowledge ", safe(place_of(approval, context)), ' -m "what you found"'),
        ]
    return lines


def broken(approval: State) -> list[str]:
    """Return a safe sentence for each glass that was broken and not reviewed."""
    return [_words(mark, approval) for mark in approval.owed]


def _words(mark: Owed, approval: State) -> str:
    before = "" if mark.uid == approval.uid else ", on an earlier approval of the same change"
    return f"{safe(mark.by.username)} broke the glass at {moment(mark.at)}{before}: {quoted(mark.reason)}"
