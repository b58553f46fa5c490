"""A gated cluster that outlives the command that started it, and the folder that people and scripts use it by.

The folder holds the links and kubeconfigs; `cluster/` in it is the control plane's own, with the record of every
process: `down` ends exactly those.
"""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import IO

from e2e.cluster import background
from e2e.cluster.binaries import Binaries, locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.identities import KNOWN
from e2e.cluster.processes import Mark
from e2e.gated.gated import Gated
from e2e.playground import servers

LINKS = ("kubectl", "kubectl-approve")
_LOCK = ".playground.lock"
_CLUSTER = "cluster"


class Was(Enum):
    """What `up` found."""

    NOTHING = "nothing"
    RUNNING = "running"
    WITHOUT_SERVERS = "without servers"
    BROKEN = "broken"


def up(folder: Path, say: Callable[[str], None]) -> Was:
    """Start one in `folder`, or repair what is there; nothing is left running where that fails."""
    with _locked(folder):
        cluster = folder / _CLUSTER
        was = _find(cluster)
        binaries = locate(build=False)
        if was is Was.WITHOUT_SERVERS:
            was = _restart(cluster, was, say)
        if was is Was.BROKEN:
            say("a part of the last playground had ended: starting anew, empty")
            background.down(cluster)
        if was in {Was.NOTHING, Was.BROKEN}:
            _start(cluster, say)
        _hand_over(folder, binaries)
        return was


def down(folder: Path) -> bool:
    """End it and remove what `up` wrote; False when nothing was running."""
    if not (folder / _LOCK).exists():
        return False
    with _locked(folder):
        cluster = folder / _CLUSTER
        running = background.down(cluster)
        shutil.rmtree(cluster, ignore_errors=True)
        for name in (*LINKS, *(_kubeconfig(name) for name in KNOWN)):
            (folder / name).unlink(missing_ok=True)
        if [path.name for path in folder.iterdir()] == [_LOCK]:  # else somebody keeps files here, and it stays ours
            (folder / _LOCK).unlink()
        return running


def _find(cluster: Path) -> Was:
    marks = _marks(cluster)
    if not any(mark.alive() for mark in marks.values()):
        return Was.NOTHING
    ended = _ended(marks)
    if not ended and set(servers.NAMES) <= set(marks):
        return Was.RUNNING
    return Was.WITHOUT_SERVERS if ended and set(ended) <= set(servers.NAMES) else Was.BROKEN


def _ended(marks: dict[str, Mark]) -> list[str]:
    return [name for name, mark in marks.items() if not mark.alive()]


def _start(cluster: Path, say: Callable[[str], None]) -> None:
    """Start everything detached; each process is on record before the next one starts."""
    with ExitStack() as undo:
        say("starting a control plane")
        control_plane = ControlPlane(state=cluster, detached=True).start()
        undo.callback(control_plane.stop)
        _record(cluster, control_plane.marks)
        say("starting the webhook, and the operator, which registers it for the agents of the policy `agents`")
        gated = Gated(control_plane, operator=True, detached=True)
        undo.callback(gated.stop_servers)
        gated.start()
        _record(cluster, {**control_plane.marks, **{server.program: server.mark for server in gated.servers}})
        for server in gated.servers:
            servers.keep(server, control_plane)
        undo.pop_all()
        for server in gated.servers:
            server.leave_running()
        control_plane.leave_running()


def _restart(cluster: Path, was: Was, say: Callable[[str], None]) -> Was:
    for name in _ended(_marks(cluster)):
        say(f"{name} had ended: starting it again")
        try:
            mark = servers.restart(cluster, name)
        except (ClusterError, OSError):
            return Was.BROKEN
        _record(cluster, {**_marks(cluster), name: mark})
    return was


def _hand_over(folder: Path, binaries: Binaries) -> None:
    """Write the folder that is printed. The files stand alone: everything is embedded in them."""
    for name in KNOWN:
        target = folder / _kubeconfig(name)
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        target.write_bytes((folder / _CLUSTER / _kubeconfig(name)).read_bytes())
    programs = (binaries.kubectl, Path(sys.executable).parent / "kubectl-approve")
    for name, program in zip(LINKS, programs, strict=True):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(program)


def _kubeconfig(name: str) -> str:
    return f"{name}.kubeconfig"


def _marks(cluster: Path) -> dict[str, Mark]:
    try:
        record = json.loads((cluster / background.RECORD).read_text())
        return {name: Mark(**mark) for name, mark in record.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ClusterError(f"{cluster / background.RECORD} is no record of ours any more; remove {cluster}.") from error


def _record(cluster: Path, marks: dict[str, Mark]) -> None:
    """In the form and place of e2e.cluster.background, which ends what is on it."""
    unfinished = cluster / f"{background.RECORD}.new"
    unfinished.write_text(json.dumps({name: asdict(mark) for name, mark in marks.items()}))
    unfinished.replace(cluster / background.RECORD)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Two commands on one folder take turns; a folder of somebody else's is left alone."""
    while True:
        with _lock(folder) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_at(folder / _LOCK, lock):
                yield
                return
        # A `down` that was waited for has removed it, and the next command locks a new one.


def _lock(folder: Path) -> IO[str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / _LOCK).exists() and any(folder.iterdir()):
            raise ClusterError(f"{folder} holds other files; name a folder of its own with STATE=folder.")
        return (folder / _LOCK).open("w")
    except OSError as error:
        raise ClusterError(f"cannot write {folder}: {error.strerror}; name another one with STATE=folder.") from error


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
