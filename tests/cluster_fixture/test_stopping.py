"""However a control plane's owner ends, nothing of it stays."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.processes import Mark

pytestmark = [pytest.mark.cluster, pytest.mark.faults]

ROOT = Path(__file__).parents[2]
OWNER = """\
import time
from e2e.cluster.control_plane import ControlPlane
with ControlPlane() as cp:
    print(*(f"{mark.pid}:{mark.started}" for mark in cp.marks.values()), cp.state, flush=True)
    time.sleep(100)
"""
PATIENCE = 20.0


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def _started(owner: subprocess.Popen[str]) -> tuple[list[Mark], Path]:
    assert owner.stdout is not None
    *marks, state = owner.stdout.readline().split()
    pairs = [mark.split(":") for mark in marks]
    return [Mark(int(pid), int(started)) for pid, started in pairs], Path(state)


def _all_gone(marks: list[Mark]) -> bool:
    end = time.monotonic() + PATIENCE
    while any(mark.alive() for mark in marks):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_to_the_owner_ends_all_and_removes_the_state(owner: subprocess.Popen[str], number: int) -> None:
    marks, state = _started(owner)
    assert len(marks) == 4
    owner.send_signal(number)
    owner.wait(PATIENCE)
    assert _all_gone(marks)
    assert not state.exists()


def test_killed_owner_takes_all_with_it(owner: subprocess.Popen[str]) -> None:
    marks, state = _started(owner)
    owner.kill()
    gone = _all_gone(marks)
    shutil.rmtree(state)  # nobody was left to remove it
    assert gone


def test_exception_in_the_body_ends_all() -> None:
    marks: list[Mark] = []

    def body() -> None:
        with ControlPlane() as cp:
            marks.extend(cp.marks.values())
            raise LookupError

    with pytest.raises(LookupError):
        body()
    assert len(marks) == 4
    assert not any(mark.alive() for mark in marks)


def test_second_stop_does_nothing() -> None:
    cp = ControlPlane().start()
    cp.stop()
    cp.stop()
    assert cp.marks == {}


def test_reused_pid_is_not_ours() -> None:
    assert not Mark(os.getpid(), 1).alive()
