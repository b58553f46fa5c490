"""Tells the story: runs each step's very command line in a shell, as the person that it is told of."""

import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from e2e.demo.screen import Screen
from e2e.demo.steps import COLUMNS, Step, StoryError, name, quote, telling

HERE = Path(__file__).parent
_SECONDS = 30


class Teller:
    """`environment` gives a person's environment, `probe` what the cluster holds now."""

    def __init__(
        self, environment: Callable[[str], Mapping[str, str]], probe: Callable[[], str], screen: Screen | None = None
    ) -> None:
        self._environment, self._probe = environment, probe
        self._screen = screen or Screen()
        self._titles = 0

    def tell(self, steps: Iterable[Step]) -> None:
        """Tell step after step; raises StoryError at the first that does not come out as told."""
        for step in steps:
            if step.title:
                self._titles += 1
                self._screen.title(f"{self._titles}. {step.title}")
            self._screen.command(step.who, step.command)
            for line in telling(step, *self._run(step)):
                self._screen.output(line)
            self._check_stored(step)

    def _run(self, step: Step) -> tuple[int, str]:
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", step.command],
                cwd=HERE,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                env={**self._environment(step.who), "COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
            )
        except subprocess.TimeoutExpired:
            raise StoryError(f"{name(step)} was not done after {_SECONDS} s") from None
        return done.returncode, done.stdout

    def _check_stored(self, step: Step) -> None:
        if step.stored is None:
            return
        stored = self._probe()
        if stored != step.stored:
            raise StoryError(
                f"after {name(step)} the cluster holds {quote(stored)} and not, as told, {quote(step.stored)}"
            )
