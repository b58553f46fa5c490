"""The published envtest archive: API server, etcd and kubectl of one Kubernetes, ready made, where it can be reached.

Tried only where neither `KUBEBUILDER_ASSETS` nor the cache has the programs, and given up after ten seconds in all: a
machine without a way out loses that once, before a build that takes minutes and fills the cache. An archive that cannot
be had or does not have its checksum is never used; the build from the Go modules takes its place, which go.sum judges.
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

# Where controller-tools publishes them; KUBEAPPROVE_ENVTEST_INDEX names another index; empty, no archive is used.
INDEX = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml"
SECONDS = 10.0
ROOT = Path(__file__).parents[2]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def kept() -> dict[str, Path]:
    """Return the programs of an archive that was fetched before, by name; empty when there is none or none is wanted."""
    if not _index():
        return {}
    found = {name: _folder() / name for name in ASSETS}
    return found if all(os.access(path, os.X_OK) for path in found.values()) else {}


def fetch(seconds: float = SECONDS) -> dict[str, Path]:
    """Fetch this version's archive into the cache and return its programs; empty, and why on stderr, when it cannot."""
    index = _index()
    if not index:
        return {}
    _say(f"looking for the published {archive_name()}, {seconds:.0f} s at most")
    try:
        cache_root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".envtest-", dir=cache_root()) as folder:
            reason = _download(index, Path(folder), seconds)
    except OSError as error:
        raise ClusterError(f"cannot write the cache: {error}; set KUBEAPPROVE_CACHE to a folder of yours.") from error
    if reason is not None:
        _say(f"the published archive is not used: {reason}; the build from the Go modules takes its place")
    return kept()


def _index() -> str:
    return os.environ.get("KUBEAPPROVE_ENVTEST_INDEX", INDEX)


def _download(index: str, folder: Path, seconds: float) -> str | None:
    """Run the download and keep what it brought; or return why there is nothing."""
    programs = folder / "programs"
    programs.mkdir()
    command = [sys.executable, "-m", "e2e.cluster.download", index, kubernetes_version(), archive_name(), str(programs)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"it was not here after {seconds:.0f} s"
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or [f"the download ended with {done.returncode}"])[-1]
    if not kept():  # another run may have been first, and then its programs are as good
        shutil.rmtree(_folder(), ignore_errors=True)
        programs.rename(_folder())
    return None


def archive_name() -> str:
    """Return the archive's name in the index; one for a machine that is not listed there is simply not found."""
    machine = platform.machine()
    return f"envtest-v{kubernetes_version()}-linux-{ARCHITECTURES.get(machine, machine)}.tar.gz"


def _folder() -> Path:
    return cache_root() / archive_name().removesuffix(".tar.gz")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
