"""Which versions the control plane is made of, and where its programs are kept."""

import hashlib
import os
from pathlib import Path

from e2e.cluster.errors import ClusterError

KUBERNETES_VERSION = "1.37.2"  # where K8S names none
KUBERNETES_VERSIONS = ("1.35.4", "1.36.3", KUBERNETES_VERSION)
ETCD_VERSION = "3.7.3"
MODULES = Path(__file__).parent / "build"
# What a ready folder of others holds: KUBEBUILDER_ASSETS, the published archive.
ASSETS = ("etcd", "kube-apiserver", "kubectl")
# The controller manager is in none of them, and without it no namespace would ever be collected and no ServiceAccount
# would exist.
BUILT = (*ASSETS, "kube-controller-manager")


def kubernetes_version() -> str:
    """Return the version that the environment's `K8S` names, one that is known here."""
    version = os.environ.get("K8S") or KUBERNETES_VERSION
    if version not in KUBERNETES_VERSIONS:
        raise ClusterError(
            f"K8S={version} is not a Kubernetes known here: name one of {', '.join(KUBERNETES_VERSIONS)}, "
            f"or unset it for {KUBERNETES_VERSION}."
        )
    return version


def module_folder(module: str) -> Path:
    """Return where the go.mod of `kubernetes` or `etcd` is; etcd is the same one for every Kubernetes."""
    return MODULES / (f"kubernetes-{kubernetes_version()}" if module == "kubernetes" else module)


def cache_root() -> Path:
    """Outside the tree, so that every clone shares it and `make clean` keeps it."""
    named = os.environ.get("KUBEAPPROVE_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kubeapprove"


def cache_bin() -> Path:
    """Return the folder of this exact set of sources: another version or another go.sum never meets these binaries."""
    digest = hashlib.sha256()
    for module in ("kubernetes", "etcd"):
        for name in ("go.mod", "go.sum"):
            digest.update((module_folder(module) / name).read_bytes())
    key = f"kubernetes-{kubernetes_version()}-etcd-{ETCD_VERSION}-{digest.hexdigest()[:12]}"
    return cache_root() / key / "bin"
