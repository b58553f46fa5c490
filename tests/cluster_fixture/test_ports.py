"""No port is given twice: not by one process, and not by two side by side, however late the server binds it."""

import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster import ports

CHOOSE = "from e2e.cluster import ports; print(ports.free_port(), flush=True)"
ROOT = Path(__file__).parents[2]


def test_two_processes_never_share_one() -> None:
    mine = {ports.free_port() for _ in range(50)}
    assert len(mine) == 50
    first = min(mine)
    # With one port to choose from, a neighbour waits until it is given back.
    code = CHOOSE.replace(
        "print(", f"ports._FIRST = ports._LAST = {first}; print(ports._is_free({first}), flush=True); print(", 1
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"  # nobody listens there yet
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1)
        other.kill()
