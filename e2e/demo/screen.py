"""Stdout of the demo: at most 58 lines of 100 columns, coloured on a terminal only."""

import os
import sys
from typing import TextIO

from e2e.demo.steps import COLUMNS, LINES, StoryError

_BOLD, _GREEN, _RESET = "\x1b[1m", "\x1b[32m", "\x1b[0m"


class Screen:
    """Prints titles, commands and output, and keeps the promise about their size."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._colour = self._out.isatty() and "NO_COLOR" not in os.environ
        self._lines = 0

    def title(self, text: str) -> None:
        """Say what happens next."""
        self._line(f"# {text}", _BOLD)

    def command(self, who: str, text: str) -> None:
        """Show a command at its person's prompt."""
        self._line(f"{who}$ {text}", _GREEN)

    def output(self, text: str) -> None:
        """Show a line of what it said."""
        self._line(text, "")

    def _line(self, text: str, colour: str) -> None:
        self._lines += 1
        if len(text) > COLUMNS or self._lines > LINES:
            raise StoryError(f"the story does not fit into {LINES} lines of {COLUMNS} columns any more, at {text!r}")
        styled = f"{colour}{text}{_RESET}" if self._colour and colour else text
        print(styled, file=self._out, flush=True)
