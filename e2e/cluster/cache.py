"""Which versions the control plane is made of, and where its built programs are kept."""

import hashlib
import os
from pathlib import Path

KUBERNETES_VERSION = "1.37.2"
ETCD_VERSION = "3.7.3"
MODULES = Path(__file__).parent / "build"


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
            digest.update((MODULES / module / name).read_bytes())
    key = f"kubernetes-{KUBERNETES_VERSION}-etcd-{ETCD_VERSION}-{digest.hexdigest()[:12]}"
    return cache_root() / key / "bin"
