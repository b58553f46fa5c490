"""A control plane that outlives the command that started it: its pids and start times are kept in the state folder."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from e2e.cluster.control_plane import GRACE, ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Mark, stop_marked

RECORD = "processes.json"


def up(state: Path) -> bool:
    """Start one in `state`; False when it runs there already. What is left of a half-dead one is ended first."""
    with _locked(state):
        marks = _read(state)
        if marks and all(mark.alive() for mark in marks.values()):
            return False
        _stop(state, marks)
        control_plane = ControlPlane(state=state, detached=True).start()
        record = {name: asdict(mark) for name, mark in control_plane.marks.items()}
        try:
            (state / RECORD).write_text(json.dumps(record))
        except BaseException:
            control_plane.stop()
            raise
        control_plane.leave_running()
        return True


def down(state: Path) -> bool:
    """End exactly what `up` started in `state`, if it is still that; False when nothing was running."""
    if not (state / RECORD).exists():
        return False
    with _locked(state):
        marks = _read(state)
        running = any(mark.alive() for mark in marks.values())
        _stop(state, marks)
        return running


def _stop(state: Path, marks: dict[str, Mark]) -> None:
    stop_marked({name: mark for name, mark in marks.items() if name != "etcd"}, GRACE)
    stop_marked(marks, GRACE)
    (state / RECORD).unlink(missing_ok=True)


def _read(state: Path) -> dict[str, Mark]:
    try:
        record = json.loads((state / RECORD).read_text())
    except FileNotFoundError:
        return {}
    return {name: Mark(**mark) for name, mark in record.items()}


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Two commands on one folder take turns."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (state / "lock").open("w")
    except OSError as error:
        raise ClusterError(f"cannot write {state}: {error.strerror}; name another folder with --state.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
