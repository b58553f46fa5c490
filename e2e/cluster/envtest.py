"""The published envtest archive: API server, etcd and kubectl of one Kubernetes, ready made, where it can be reached.

Tried only where neither `KUBEBUILDER_ASSETS` nor the cache has the programs, and given up when it is not here after ten
seconds: a machine without a way out loses that once, before a build that takes minutes and fills the cache. An archive
that cannot be had or does not have its checksum is never used: it would run here as whoever runs the tests. The build
from the Go modules takes its place, which go.sum judges, so nothing depends on the archive being there or right.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from e2e.cluster.cache import ASSETS, cache_root, kubernetes_version
from e2e.cluster.errors import ClusterError
from e2e.cluster.unpacking import unpack

# Where controller-tools publishes them; KUBEAPPROVE_ENVTEST_INDEX names another index; empty, no archive is used.
INDEX = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml"
SECONDS = 10.0
ROOT = Path(__file__).parents[2]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def kept() -> dict[str, Path]:
    """Return the programs of an archive that was fetched before, by name; empty: there is none, or none is wanted."""
    if not _index():
        return {}
    found = {name: _folder() / name for name in ASSETS}
    return found if all(os.access(path, os.X_OK) for path in found.values()) else {}


def fetch(seconds: float = SECONDS) -> dict[str, Path]:
    """Fetch this version's archive into the cache and return its programs; empty, and why on stderr, when it cannot."""
    if not _index():
        return {}
    _say(f"looking for the published {archive_name()}, {seconds:.0f} s at most")
    try:
        cache_root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".envtest-", dir=cache_root()) as folder:
            _fetch(Path(folder), seconds)
    except OSError as error:
        raise ClusterError(f"cannot write the cache: {error}; set KUBEAPPROVE_CACHE to a folder of yours.") from error
    except ClusterError as error:
        _say(f"the published archive is not used: {error}; the build from the Go modules takes its place")
    return kept()


def _fetch(folder: Path, seconds: float) -> None:
    """Download, unpack and keep; only what a network can draw out is given up by the clock."""
    _download(folder, seconds)
    programs = folder / "programs"
    programs.mkdir()
    unpack(folder / archive_name(), programs)
    if not kept():  # another run may have been first, and then its programs are as good
        shutil.rmtree(_folder(), ignore_errors=True)
        programs.rename(_folder())


def _download(folder: Path, seconds: float) -> None:
    module = [sys.executable, "-m", "e2e.cluster.download"]
    command = [*module, _index(), kubernetes_version(), archive_name(), str(folder)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ClusterError(f"it was not here after {seconds:.0f} s") from None
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"the download ended with {done.returncode}"]
        raise ClusterError(last[0])


def _index() -> str:
    return os.environ.get("KUBEAPPROVE_ENVTEST_INDEX", INDEX)


def archive_name() -> str:
    """Return the archive's name in the index; one for a machine that is not listed there is simply not found."""
    machine = platform.machine()
    return f"envtest-v{kubernetes_version()}-linux-{ARCHITECTURES.get(machine, machine)}.tar.gz"


def _folder() -> Path:
    return cache_root() / archive_name().removesuffix(".tar.gz")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
