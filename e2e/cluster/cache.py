"""Which versions the control plane is made of, and where its programs are kept."""

import hashlib
import os
from pathlib import Path

from e2e.cluster.errors import ClusterError

KUBERNETES_VERSION = "1.37.2"  # where K8S names none
KUBERNETES_VERSIONS = ("1.35.4", "1.36.3", KUBERNETES_VERSION)
ETCD_VERSION = "3.7.3"
# The modules under build/ that are the same for every Kubernetes; `programs` is our own source.
VERSIONS = {"etcd": ETCD_VERSION, "containerd": "2.4.2", "coredns": "1.15.0", "helm": "4.3.1", "programs": "local"}
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


def module_version(module: str) -> str:
    """Return what is built of a module now: of Kubernetes' own, the version that is asked for."""
    return VERSIONS.get(module) or kubernetes_version()


def module_folder(module: str) -> Path:
    """Return where a module's go.mod is: `kubernetes` and `node` have one for each Kubernetes, the others one."""
    return MODULES / (module if module in VERSIONS else f"{module}-{kubernetes_version()}")


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


def module_bin(module: str) -> Path:
    """Return where a module's programs are kept; the control plane's two share a folder, as in an envtest archive."""
    if module in {"kubernetes", "etcd"}:
        return cache_bin()
    digest = hashlib.sha256()
    for source in sorted(path for path in module_folder(module).rglob("*") if path.suffix in {".go", ".mod", ".sum"}):
        digest.update(source.read_bytes())
    return cache_root() / f"{module}-{module_version(module)}-{digest.hexdigest()[:12]}" / "bin"
