"""What a node takes from the system: not built here, since every distribution has it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from e2e.cluster.errors import ClusterError

PROGRESS_SECONDS = 10.0
# Each program, and the Debian package that has it.
PROGRAMS = {
    "runc": "runc",
    "conntrack": "conntrack",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "mount": "mount",
}
CNI_PACKAGE = "containernetworking-plugins"
CNI_PLUGINS = ("ptp", "host-local", "loopback")
CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"), Path("/usr/libexec/cni"))
# Each node's programs and Pods watch files: with the 128 of many systems, the last ones fail ("too many open files").
WATCHERS = Path("/proc/sys/fs/inotify/max_user_instances")
WATCHERS_WANTED = 1024
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin"


def cni_folder() -> Path:
    """Return the folder of the CNI plugins; a machine without them is told what to run."""
    for folder in CNI_FOLDERS:
        if all((folder / plugin).exists() for plugin in CNI_PLUGINS):
            return folder
    raise ClusterError(f"no CNI plugins in {', '.join(map(str, CNI_FOLDERS))}: run `make node-binaries`.")


def missing() -> list[str]:
    """Return the packages that this machine lacks."""
    packages = {package for program, package in PROGRAMS.items() if shutil.which(program, path=PATH) is None}
    try:
        cni_folder()
    except ClusterError:
        packages.add(CNI_PACKAGE)
    return sorted(packages)


def require() -> None:
    """Refuse to start where no node can run, with the sentence that says what to do."""
    if os.geteuid() != 0:
        raise ClusterError("a node needs root: it makes namespaces, mounts and cgroups of its own.")
    lacking = missing()
    if lacking:
        raise ClusterError(f"missing: {', '.join(lacking)}: run `make node-binaries`, which installs them.")
    if _watchers() < WATCHERS_WANTED:
        raise ClusterError(
            f"fs.inotify.max_user_instances is {_watchers()}, nodes need {WATCHERS_WANTED}: "
            "run `make node-binaries`, which raises it until the next boot."
        )


def install() -> None:
    """Install what is missing and raise the one limit where that is possible, with a sign of life."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if _watchers() < WATCHERS_WANTED:
        raise_it = ["sh", "-c", f"echo {WATCHERS_WANTED} > {WATCHERS}"]
        _run([*sudo, *raise_it], f"raising fs.inotify.max_user_instances to {WATCHERS_WANTED} until the next boot")
    lacking = missing()
    if not lacking:
        return
    if shutil.which("apt-get") is None or (sudo and shutil.which("sudo") is None):
        raise ClusterError(f"missing: {', '.join(lacking)}: install that and try again.")
    _run([*sudo, "apt-get", "-qq", "update"], "asking for the system's package lists")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "--no-install-recommends", "-y"]
    _run([*sudo, *quiet, *lacking], f"installing system packages: {' '.join(lacking)}")


def _watchers() -> int:
    return int(WATCHERS.read_text())


def _run(command: list[str], what: str) -> None:
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        while True:
            print(f"{what} ... {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            try:
                output, _ = run.communicate(timeout=PROGRESS_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
            except BaseException:
                run.terminate()
                raise
    if run.returncode != 0:
        raise ClusterError(f"{what} failed:\n{output}")
