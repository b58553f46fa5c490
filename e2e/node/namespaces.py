"""Namespaces of their own, held by one process: when it ends, the kernel ends all that runs inside and every mount.

That is why nothing has to be cleaned up one by one, even if this process is killed: the holder dies with us, and Pods,
shims, mounts, interfaces, addresses and firewall rules die with the holder.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Process
from e2e.waiting import wait_until

SCRIPT = Path(__file__).with_name("namespace.sh")
GRACE = 5.0
EVERYTHING = ("--net", "--pid", "--mount", "--uts", "--ipc")
# What the kubelet wants of the kernel (its --protect-kernel-defaults page), shown to it instead of set.
SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


class Namespaces:
    """A network namespace alone (`bare`), or all that makes a machine."""

    def __init__(self, process: Process, pid: int, kinds: Sequence[str]) -> None:
        self._process = process
        self.pid = pid
        self._enter = ["nsenter", f"--target={pid}", *kinds, "--"]

    @classmethod
    def bare(cls, name: str, folder: Path, pause: Path) -> "Namespaces":
        """Only a network, for a router."""
        process = Process(name, ["unshare", "--net", pause], cwd=folder, log=folder / f"{name}.log", detached=False)
        ours, theirs = (Path(f"/proc/{who}/ns/net") for who in ("self", process.pid))
        _wait(process, lambda: theirs.readlink() != ours.readlink(), f"{name} has a network of its own")
        return cls(process, process.pid, ("--net",))

    @classmethod
    def machine(cls, name: str, folder: Path, pause: Path) -> "Namespaces":
        """Everything that a kubelet takes for its own machine."""
        for part in ("var", "var.work"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        for setting, value in SYSCTLS.items():
            path = folder / "sysctl" / setting
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value)
        (folder / "ready").unlink(missing_ok=True)
        unshare = ["unshare", *EVERYTHING, "--fork", "--kill-child", "--mount-proc", "--propagation=private"]
        command = [*unshare, "sh", str(SCRIPT), str(folder), name, str(pause)]
        process = Process(name, command, cwd=folder, log=folder / "logs" / "namespaces.log", detached=False)
        _wait(process, (folder / "ready").exists, f"the namespaces of {name} are there")
        return cls(process, child_of(process.pid), EVERYTHING)

    @property
    def root(self) -> Path:
        """The file system as it looks inside."""
        return Path(f"/proc/{self.pid}/root")

    def command(self, *command: str | Path) -> list[str]:
        """Return the command line that runs a command inside."""
        return [*self._enter, *map(str, command)]

    def run(self, *command: str | Path, given: str | None = None) -> str:
        """Run a command inside to its end and return what it printed."""
        return run(*self.command(*command), given=given)

    def set(self, setting: str, value: str) -> None:
        """Set what is kept for each network namespace, below /proc/sys/net."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{setting}")

    def check(self) -> None:
        """Raise when it is gone."""
        self._process.check()

    def end(self) -> None:
        """Kill the first process, and the kernel everything inside; returns when that is done."""
        if self._process.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
        self._process.stop(GRACE)


def run(*command: str | Path, given: str | None = None) -> str:
    """Run a command of the system to its end; a failure is its own words."""
    program = shutil.which(str(command[0])) or f"/usr/sbin/{command[0]}"
    done = subprocess.run([program, *command[1:]], check=False, capture_output=True, text=True, input=given)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise ClusterError(f"{' '.join(map(str, command))} exited with {done.returncode}: {said}")
    return done.stdout


def child_of(pid: int) -> int:
    """Return the one child of a process that forks once, as unshare and nsenter do to enter a process namespace."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _wait(process: Process, condition: Callable[[], bool], what: str) -> None:
    """Wait for what a process makes; if that does not come, it is ended."""

    def holds() -> bool:
        process.check()
        return condition()

    try:
        wait_until(holds, what)
    except BaseException:
        process.signal(signal.SIGKILL)
        process.stop(GRACE)
        raise
