"""Where the control plane's four programs come from.

`KUBEBUILDER_ASSETS` where it is set, else the cache, else the published envtest archive, else a build from the Go
modules beside this file. Neither assets nor archive have the controller manager: it is always cached or built.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster import envtest
from e2e.cluster.cache import ASSETS, BUILT, cache_bin, kubernetes_version
from e2e.cluster.errors import ClusterError
from e2e.cluster.gobuild import build as go_build


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one control plane, all of them present and executable."""

    etcd: Path
    apiserver: Path
    kubectl: Path
    controller_manager: Path


def locate(*, build: bool = True) -> Binaries:
    """Find the four programs; `build=False` says what to run instead of taking ten minutes inside a test."""
    ready = _assets() or _archived(fetch=build)
    needed = [name for name in BUILT if name not in ready]
    if build:
        go_build(needed)
    found = ready | {name: cache_bin() / name for name in needed}
    missing = [name for name, path in found.items() if not os.access(path, os.X_OK)]
    if missing:
        raise ClusterError(
            f"{', '.join(missing)} not found: run `make cluster-binaries` (or `python -m e2e.cluster build`), "
            "which fetches or builds them once."
        )
    return Binaries(found["etcd"], found["kube-apiserver"], found["kubectl"], found["kube-controller-manager"])


def _assets() -> dict[str, Path]:
    """Take what the person's own `KUBEBUILDER_ASSETS` offers; a folder that lacks one is a mistake to be told."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return {}
    found = {name: Path(folder).absolute() / name for name in ASSETS}
    missing = [name for name, path in found.items() if not os.access(path, os.X_OK)]
    if missing:
        raise ClusterError(
            f"KUBEBUILDER_ASSETS={folder} has no {', '.join(missing)}: run `setup-envtest use` and point it to that "
            "folder, or unset it and the programs are built here."
        )
    if os.environ.get("K8S"):
        _refuse_another(found["kube-apiserver"])
    return found


def _refuse_another(apiserver: Path) -> None:
    """Where both are named, they have to agree: a run on one version must not pass for a run on another."""
    done = subprocess.run([apiserver, "--version"], check=False, capture_output=True, text=True)
    if done.stdout.strip() != f"Kubernetes v{kubernetes_version()}":
        raise ClusterError(
            f"K8S asks for {kubernetes_version()}, and {apiserver} calls itself {done.stdout.strip() or 'nothing'}: "
            "unset K8S or KUBEBUILDER_ASSETS."
        )


def _archived(*, fetch: bool) -> dict[str, Path]:
    """Take the published archive's programs, unless our own build has them all: nothing is asked for then."""
    if all((cache_bin() / name).exists() for name in ASSETS):
        return {}
    return envtest.kept() or (envtest.fetch() if fetch else {})
