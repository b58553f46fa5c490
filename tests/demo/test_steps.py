"""The demo cannot tell what did not happen: every claim of a step is held against the real command."""

import io
import os

import pytest

from e2e.demo.screen import Screen
from e2e.demo.steps import Step, StoryError, shorten, telling
from e2e.demo.teller import Teller


def _tell(*steps: Step, holds: str = "web 2") -> list[str]:
    out = io.StringIO()
    Teller(lambda _: os.environ, lambda: holds, Screen(out)).tell(steps)
    return out.getvalue().splitlines()


def test_title_command_and_real_output() -> None:
    step = Step("agent", "echo stored; exit 1", (("stored",),), code=1, title="It says so", stored="web 2")
    assert _tell(step) == ["# 1. It says so", "agent$ echo stored; exit 1", "stored"]


def test_stderr_counts_as_output() -> None:
    assert _tell(Step("agent", "echo no >&2", (("no",),)))[-1] == "no"


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step("agent", "echo fine", (("fine",),), code=1), "exited with 0 and not, as told, with 1; it said: 'fine'"),
        (Step("agent", "echo fine; exit 3", (("fine",),)), "exited with 3 and not, as told, with 0; it said: 'fine'"),
        (Step("agent", "echo created", (("denied",),)), "did not say 'denied' where it was told; it said: 'created'"),
        (Step("agent", "echo two; echo one", (("one",), ("two",))), "did not say 'two' where it was told"),
        (Step("agent", "echo two one", (("one", "two"),)), "did not say 'one … two' where it was told"),
        (Step("agent", "true", (("anything",),)), "did not say 'anything' where it was told; it said: ''"),
        (Step("agent", "true", stored="web 3"), "the cluster holds 'web 2' and not, as told, 'web 3'"),
    ],
    ids=["code 0", "code 3", "text", "order of lines", "order in a line", "no output", "stored"],
)
def test_a_lie_is_one_sentence_that_names_the_command(step: Step, sentence: str) -> None:
    with pytest.raises(StoryError) as told:
        _tell(step)
    assert sentence in str(told.value)
    assert f"`agent$ {step.command}`" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        (("one",), "one …"),
        (("two",), "… two …"),
        (("three",), "… three"),
        (("one", "three"), "one … three"),
        (("one", " two"), "one two …"),
        (("four",), None),
    ],
)
def test_what_is_left_out_is_marked(parts: tuple[str, ...], shown: str | None) -> None:
    found = shorten("one two three", parts)
    assert (found and found[0]) == shown


def test_indentation_is_kept() -> None:
    assert shorten("    replicas: 2", ("replicas: 2",)) == ("    replicas: 2", 15)


def test_two_pieces_of_one_line_on_two_lines() -> None:
    step = Step("agent", "", (("one",), ("three",)))
    assert telling(step, 0, "one two three\n") == ["one …", "… three"]


def test_long_line_ends_at_the_last_column() -> None:
    (line,) = telling(Step("agent", "", (("x+",),)), 0, "x" * 101)
    assert (len(line), line[-1]) == (100, "…")


def test_story_that_outgrows_its_size_fails() -> None:
    with pytest.raises(StoryError, match="does not fit into 58 lines of 100 columns"):
        _tell(*[Step("agent", "true")] * 59)
    with pytest.raises(StoryError, match="does not fit"):
        _tell(Step("agent", f"true {'x' * 100}"))


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        Screen(out).title("What happens")
    assert file.getvalue() == "# What happens\n"
    assert terminal.getvalue() == "\x1b[1m# What happens\x1b[0m\n"
