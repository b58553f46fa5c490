"""The programs of nodes: built once from their Go modules, beside the control plane's."""

import os
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.cache import module_bin
from e2e.cluster.errors import ClusterError
from e2e.cluster.gobuild import build as go_build
from e2e.cluster.gobuild import program_path

NODE = ("kubelet", "kube-proxy", "kube-scheduler", "containerd", "containerd-shim-runc-v2", "ctr", "pause", "probe")
BESIDES = ("coredns", "helm")


@dataclass(frozen=True, slots=True)
class NodeBinaries:
    """All of them present and executable; the shim is found by containerd itself, beside it."""

    kubelet: Path
    kube_proxy: Path
    kube_scheduler: Path
    containerd: Path
    ctr: Path
    pause: Path
    probe: Path
    coredns: Path
    helm: Path

    @property
    def path(self) -> str:
        """PATH of a node: containerd's own shim first."""
        return f"{self.containerd.parent}:/usr/sbin:/usr/bin:/sbin:/bin"


def locate(*, build: bool = False) -> NodeBinaries:
    """Find them; with `build`, make what is missing first, which takes ten minutes on an empty cache."""
    wanted = (*NODE, *BESIDES)
    if build:
        go_build(wanted)
    missing = [name for name in wanted if not os.access(program_path(name), os.X_OK)]
    if missing:
        raise ClusterError(
            f"{', '.join(missing)} not found in {module_bin('node').parent.parent}: run `make node-binaries`, "
            "which builds them once."
        )
    found = {name.replace("-", "_"): program_path(name) for name in wanted}
    del found["containerd_shim_runc_v2"]
    return NodeBinaries(**found)
