"""`make demo` as people run it: once, whole, within its size; and ended from outside."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from e2e.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.stories]

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "e2e.demo"]
PATIENCE = 20.0


def test_story_comes_out_as_told_in_58_lines_of_100_columns() -> None:
    done = subprocess.run(COMMAND, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 58
    assert max(len(line) for line in lines) <= 100
    assert "\x1b" not in done.stdout + done.stderr
    assert [line for line in lines if line.startswith(("deployment.apps", "configmap"))] == [
        "deployment.apps/web created",
        "deployment.apps/web unchanged",
        "configmap/notes created",
        'deployment.apps "web" deleted from default namespace',
        "deployment.apps/web created",
    ]
    assert sum("ApprovalRequired" in line for line in lines) == 3
    assert any("still missing: 1 of 2" in line for line in lines)
    assert any("PolicyDenied" in line and "people delete here" in line for line in lines)
    assert any('failed calling webhook "changes.kubeapprove.io"' in line for line in lines)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("number", "code", "when"),
    [(signal.SIGTERM, 143, "telling"), (signal.SIGINT, 130, "starting")],
)
def test_ended_from_outside_leaves_nothing(number: int, code: int, when: str) -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            assert demo.stderr is not None
            if when == "telling":
                assert demo.stdout.readline().startswith("# 1.")
            while not (children := _children(demo.pid)):
                time.sleep(0.05)
            demo.send_signal(number)
            assert "Traceback" not in demo.stderr.read()
            assert demo.wait(PATIENCE) == code
        finally:
            demo.kill()
    assert len(children) >= (4 if when == "telling" else 1)
    # What was being started when the signal came dies by the kernel, just after the demo, and is reaped by init.
    wait_until(lambda: not any(_lives(child) for child in children), "everything that the demo started was gone")


def _lives(pid: str) -> bool:
    """Whether a process is there and is more than a zombie that waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
