"""Where the control plane's four programs come from.

`KUBEBUILDER_ASSETS` where it is set, else the cache, else a build from the Go modules beside this file. The controller
manager is never in those assets, so it is always cached or built: without it no namespace would ever be collected and
no ServiceAccount would exist.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.cache import ASSETS, BUILT, cache_bin
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
    assets = _assets()
    needed = [name for name in BUILT if name not in assets]
    if build:
        go_build(needed)
    found = assets | {name: cache_bin() / name for name in needed}
    missing = [name for name, path in found.items() if not os.access(path, os.X_OK)]
    if missing:
        raise ClusterError(
            f"{', '.join(missing)} not found: run `make cluster-binaries` (or `python -m e2e.cluster build`), "
            "which builds them once from their Go modules."
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
    return found
