"""Processes that end with us: by pid, never by name, even when we die first."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.errors import ClusterError

LOG_TAIL = 20
POLL = 0.05
_PR_SET_PDEATHSIG = 1
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: the child must not import


@dataclass(frozen=True, slots=True)
class Mark:
    """A process and when it started: a pid that was reused is not ours."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Still the same process, and not a zombie."""
        return _stat(self.pid) == self.started


class Process:
    """One program of the control plane, its log, and its orderly end."""

    def __init__(self, name: str, command: Sequence[str | Path], *, cwd: Path, log: Path, detached: bool) -> None:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches us and not it.

        Unless detached, the kernel ends it when the *thread* that started it ends (prctl(2), PR_SET_PDEATHSIG):
        start a control plane from a thread that outlives it.
        """
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        # A detached child has nothing that would take the mask off again, and its fork runs no hooks.
        with log.open("ab") as out, nullcontext() if detached else _undisturbed():
            self._popen = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=None if detached else _die_with(os.getpid()),  # noqa: PLW1509
            )
        self.mark = Mark(self._popen.pid, _stat(self._popen.pid) or 0)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs; negative is a signal."""
        return self._popen.poll()

    def check(self) -> None:
        """Raise the sentence a person needs when the process has ended by itself."""
        code = self._popen.poll()
        if code is None:
            return
        how = f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"
        raise ClusterError(f"{self.name} ended {how} while it was needed; whole log in {self.log}\n{self.tail()}")

    def tail(self) -> str:
        """Return the last lines of the log, where the reason is."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_TAIL:])

    def signal(self, number: int) -> None:
        """Send a signal; a process that has ended is no error."""
        self._popen.send_signal(number)

    def stop(self, grace: float) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds; returns when it is gone and reaped."""
        self._popen.terminate()
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def disown(self) -> None:
        """Leave it running after us: no ResourceWarning about a child that is meant to stay."""
        self._popen.returncode = 0


def stop_marked(marks: Mapping[str, Mark], grace: float) -> None:
    """End processes that an earlier command of ours started, in order; what is no longer ours is left alone."""
    for mark in marks.values():
        if mark.alive():
            os.kill(mark.pid, signal.SIGTERM)
    end = time.monotonic() + grace
    while any(mark.alive() for mark in marks.values()) and time.monotonic() < end:
        time.sleep(POLL)
    for mark in marks.values():
        if mark.alive():
            os.kill(mark.pid, signal.SIGKILL)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have Ctrl-C and SIGTERM wait: Python runs hooks around a fork, and what a handler raises inside them is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with(parent: int) -> Callable[[], None]:
    """Have the kernel kill the child when its parent goes, SIGKILL of the parent included."""

    def in_child() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return in_child


def _stat(pid: int) -> int | None:
    """Start time in clock ticks since boot (proc(5) stat, field 22); None when gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
