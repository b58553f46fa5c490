"""Kubeconfig files that stand alone: everything embedded, so that they can be copied or handed to a subprocess."""

import base64
import json
import os
from pathlib import Path

from e2e.cluster.pki import Pair


def write(path: Path, *, server: str, ca: Path, user: str, credential: Pair | str | None) -> Path:
    """Write one for a client certificate, a bearer token (`credential` is text) or neither. JSON is YAML."""
    if credential is None:
        secret = {}
    elif isinstance(credential, str):
        secret = {"token": credential}
    else:
        secret = {
            "client-certificate-data": _embed(credential.certificate),
            "client-key-data": _embed(credential.key),
        }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": {"server": server, "certificate-authority-data": _embed(ca)}}],
        "users": [{"name": user, "user": secret}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": user, "namespace": "default"}}],
        "current-context": "local",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(document, indent=1) + "\n")
    return unfinished.replace(path)


def _embed(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
