"""`python -m e2e.cluster up` and `down`: what people and scripts run."""

import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster.binaries import locate

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]


def _command(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "e2e.cluster", *args], cwd=ROOT, check=False, capture_output=True, text=True
    )


def test_up_twice_then_down_twice(tmp_path: Path) -> None:
    state = str(tmp_path / "cluster")
    try:
        first = _command("up", "--state", state)
        assert (first.returncode, first.stdout.splitlines()) == (0, [state]), first.stderr
        second = _command("up", "--state", state)
        assert (second.returncode, second.stdout) == (0, first.stdout)
        assert "already running" in second.stderr
        config = f"--kubeconfig={state}/alice.kubeconfig"
        whoami = subprocess.run(
            [locate(build=False).kubectl, config, "auth", "whoami"], check=False, capture_output=True, text=True
        )
        assert "alice" in whoami.stdout, whoami.stderr
    finally:
        down = _command("down", "--state", state)
    assert (down.returncode, down.stderr) == (0, "stopped\n")
    assert _command("down", "--state", state).stderr == "nothing is running there\n"


def test_folder_that_cannot_be_written_is_one_sentence() -> None:
    done = _command("up", "--state", "/proc/nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "name another folder with --state" in done.stderr
