"""One step of the story: a command, what it must say, and how that is shown within 100 columns.

What is shown are pieces of the real output, with … where something was left out. A piece that the output does not hold
cannot be shown: it is an error, and the story has come out otherwise than it is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = 100
LINES = 58
_QUOTED = 300


class StoryError(Exception):
    """Something did not come out as told; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """`shows` has one entry for each line to show: regular expressions that one line of the output matches in order.

    `stored` is what the cluster must hold afterwards, as `story.PROBE` prints it.
    """

    who: str
    command: str
    shows: Sequence[Sequence[str]] = ()
    code: int = 0
    title: str = ""
    stored: str | None = None


def telling(step: Step, code: int, output: str) -> list[str]:
    """Return the lines to show of a command's real exit code and output; raises StoryError that says what is untrue."""
    if code != step.code:
        raise StoryError(
            f"{name(step)} exited with {code} and not, as told, with {step.code}; it said: {quote(output)}"
        )
    lines = output.splitlines()
    row = column = 0
    told = []
    for parts in step.shows:
        while row < len(lines) and (found := shorten(lines[row], parts, column)) is None:
            row, column = row + 1, 0
        if row == len(lines) or found is None:
            what = " … ".join(parts)
            raise StoryError(f"{name(step)} did not say {what!r} where it was told; it said: {quote(output)}")
        shown, column = found
        told.append(shown)
    return told


def shorten(line: str, parts: Sequence[str], start: int = 0) -> tuple[str, int] | None:
    """Return the parts of a line from `start` on, … for what lies between them, and where the last of them ends.

    None where the line does not hold them in this order.
    """
    shown, position = "", start
    for part in parts:
        match = re.compile(part).search(line, position)
        if match is None:
            return None
        skipped = line[position : match.start()]
        if shown:
            shown += " … " if skipped.strip() else skipped
        else:
            shown = "… " if line[: match.start()].strip() else skipped
        shown += match.group()
        position = match.end()
    return fit(f"{shown} …" if line[position:].strip() else shown.rstrip()), position


def fit(line: str) -> str:
    """Cut at the last column."""
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…"


def name(step: Step) -> str:
    """Return the step as a person finds it in the output."""
    return f"`{step.who}$ {step.command}`"


def quote(output: str) -> str:
    """Return output as the end of one sentence."""
    text = " ".join(output.split())
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")
