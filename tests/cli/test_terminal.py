"""Colour on a terminal only, and never where NO_COLOR says so; nothing is cut to the width of anything."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.cli import approvals
from tests.cli.conftest import NOW, FakeCluster

PROGRAM = [sys.executable, "-c", "from kubeapprove_cli.main import main; main()"]
LONG = "x" * 300


@pytest.fixture
def held(cluster: FakeCluster) -> FakeCluster:
    change = approvals.update({"path": ["a"], "from": "[red]old[/red] :smile:", "to": LONG})
    cluster.hold(approvals.approval(change, NOW, name="a", pendingUntil="2999-01-01T00:00:00.000000Z"))
    return cluster


def on_a_terminal(**environment: str) -> str:
    person, program = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "40", **environment}
    done = subprocess.run(
        [*PROGRAM, "review", "a"], stdin=program, stdout=program, stderr=program, env=env, check=False
    )
    os.close(program)
    assert done.returncode == 0
    text = b""
    try:
        while chunk := os.read(person, 65536):
            text += chunk
    except OSError:  # Linux says EIO at the end of a terminal
        pass
    finally:
        os.close(person)
    return text.decode()


@pytest.mark.usefixtures("held")
def test_colour_on_a_terminal() -> None:
    shown = on_a_terminal()
    assert "\x1b[32m+ \x1b[0m" in shown
    assert LONG in shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb terminal"])
@pytest.mark.usefixtures("held")
def test_no_colour(environment: dict[str, str]) -> None:
    shown = on_a_terminal(**environment)
    assert "\x1b" not in shown
    assert "[red]old[/red] :smile:" in shown
    assert LONG in shown


@pytest.mark.usefixtures("held")
def test_none_in_a_pipe() -> None:
    done = subprocess.run([*PROGRAM, "review", "a"], capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout
    assert f"+ {LONG}\n" in done.stdout


@pytest.mark.usefixtures("held")
def test_an_ascii_terminal() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*PROGRAM, "review", "a"], capture_output=True, env=env, check=True)
    assert b'"reason":"\\u2026"' in done.stdout


def test_what_is_loaded_for_help() -> None:
    code = (
        "import json, sys\n"
        "from kubeapprove_cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(json.dumps([m for m in ('rich', 'yaml', 'pydantic', 'orjson') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
