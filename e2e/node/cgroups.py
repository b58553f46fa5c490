"""The control group that a node's Pods live under, in each hierarchy of this machine (one, or one a controller)."""

import re
from pathlib import Path

from e2e.waiting import wait_until

PREFIX = "kubeapprove"


def name(owner: int, block: int, node: str) -> str:
    """Return a name that tells whose it is: what a killed run left is removed by the next one."""
    return f"{PREFIX}-{owner}-{block}-{node}"


def make(group: str) -> None:
    """Make it everywhere; the older cpuset takes no process before it is told of processors and memory."""
    for hierarchy in _hierarchies():
        path = hierarchy / group
        path.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (hierarchy / setting).exists():
                (path / setting).write_text((hierarchy / setting).read_text())


def remove(group: str) -> None:
    """Remove it everywhere, from the leaves; the kernel may still be busy with the last process."""
    wait_until(lambda: _removed(group), f"the control group {group} is gone")


def existing(group: str) -> list[Path]:
    """Return where it is."""
    return [path for path in (hierarchy / group for hierarchy in _hierarchies()) if path.exists()]


def sweep() -> None:
    """Remove what runs left that were killed."""
    for hierarchy in _hierarchies():
        for path in hierarchy.glob(f"{PREFIX}-*"):
            owner = re.match(rf"{PREFIX}-(\d+)-", path.name)
            if owner and not Path(f"/proc/{owner[1]}").exists():
                _removed(path.name)


def _removed(group: str) -> bool:
    gone = True
    for hierarchy in _hierarchies():
        folders = [path for path in (hierarchy / group, *(hierarchy / group).rglob("*")) if path.is_dir()]
        for folder in reversed(folders):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
    return gone


def _hierarchies() -> list[Path]:
    """Return where they are mounted (proc(5), mountinfo: field 5, and the type after the dash)."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    fields = [line.split() for line in lines]
    return [Path(line[4]) for line in fields if line[line.index("-") + 1] in {"cgroup", "cgroup2"}]
