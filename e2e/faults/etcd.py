"""The etcd of a control plane, asked without the API server: every version that was ever stored, and a way to stall it.

Nothing that crashes, restarts or refuses to answer can hide a write from here.
"""

import base64
import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from e2e.cluster.commands import ETCD_SOCKET
from e2e.cluster.control_plane import ControlPlane

_FENCE = "/kubeapprove-faults/fence"  # beside the API server's own /registry
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Version:
    """One write: `value` is what was stored, None for a deletion."""

    key: str
    revision: int
    value: bytes | None = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """A custom resource's version (built-in kinds are stored as protobuf)."""
        assert self.value is not None
        document: dict[str, Any] = json.loads(self.value)
        return document


class Etcd:
    """Through the JSON gateway on its Unix socket."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane

    def revision(self) -> int:
        """Return the revision of a write of our own, made now: everything before it is smaller."""
        with self._post("/v3/kv/put", {"key": _encode(_FENCE), "value": ""}) as answer:
            return int(json.load(answer)["header"]["revision"])

    def since(self, revision: int, prefix: str) -> list[Version]:
        """Return every write to keys under `prefix` after this revision, in order, deletions included."""
        end = self.revision()
        watch = {"create_request": {"key": _encode("\0"), "range_end": _encode("\0"), "start_revision": revision + 1}}
        with self._post("/v3/watch", watch) as answer:
            return [version for version in _until(answer, end) if version.key.startswith(prefix)]

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Stop the process inside the block (SIGSTOP): connections stay open and nothing is answered."""
        pid = self._control_plane.marks["etcd"].pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def _post(self, path: str, body: object) -> Iterator[http.client.HTTPResponse]:
        connection = _Connection(self._control_plane)
        try:
            connection.request("POST", path, json.dumps(body))
            yield connection.getresponse()
        finally:
            connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP over etcd's Unix socket."""

    def __init__(self, control_plane: ControlPlane) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._folder = control_plane.state

    def connect(self) -> None:
        # Through the folder's descriptor: a socket's path may have 108 bytes, a state folder's may have more.
        folder = os.open(self._folder, os.O_PATH)
        try:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(_SECONDS)
            self.sock.connect(f"/proc/self/fd/{folder}/{ETCD_SOCKET}")
        finally:
            os.close(folder)


def _until(answer: http.client.HTTPResponse, end: int) -> Iterator[Version]:
    """Read a watch until the revision that stands for now."""
    for line in answer:
        for event in json.loads(line)["result"].get("events", ()):
            pair = event["kv"]
            revision = int(pair["mod_revision"])
            if revision >= end:
                return
            is_gone = event.get("type") == "DELETE"
            value = None if is_gone else base64.b64decode(pair.get("value", ""))
            yield Version(base64.b64decode(pair["key"]).decode(), revision, value)


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
