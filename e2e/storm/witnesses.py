"""Asks etcd and the audit log what happened in one phase; the log is read on from where it was."""

import json
from collections.abc import Iterator
from typing import Any, Final

from e2e.cluster.control_plane import ControlPlane
from e2e.faults.etcd import Etcd
from e2e.storm.judge import Evidence
from e2e.storm.nonces import Nonces
from e2e.storm.place import Place

_OBJECTS: Final = "/registry/configmaps"
_APPROVALS: Final = "/registry/kubeapprove.io/manifestapprovals"


class Witnesses:
    """From `begin` on; `evidence` can be asked for again, the log may be a moment behind."""

    def __init__(self, control_plane: ControlPlane, place: Place, nonces: Nonces) -> None:
        self._control_plane, self._place, self._nonces = control_plane, place, nonces
        self._etcd = Etcd(control_plane)
        self._revision, self._offset = 0, 0

    def begin(self) -> None:
        """Forget what was before."""
        self._revision = self._etcd.revision()
        self._offset = self._control_plane.audit_log.stat().st_size

    def evidence(self) -> Evidence:
        """Return what they say."""
        place, versions = self._place, self._etcd.since(self._revision, "/registry/")
        objects = tuple(f"{_OBJECTS}/{namespace}/" for namespace in place.namespaces)
        approvals = tuple(f"{_APPROVALS}/{namespace}/" for namespace in place.namespaces)
        return Evidence(
            approvals=[version for version in versions if version.key.startswith(approvals)],
            objects=[version for version in versions if version.key.startswith(objects)],
            audit=list(self._events()),
            kinds=self._nonces.kinds,
            agents=frozenset(place.names.agents),
            free=place.free,
        )

    def _events(self) -> Iterator[dict[str, Any]]:
        wanted = self._place.asked.encode()
        with self._control_plane.audit_log.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if wanted in line and line.endswith(b"\n"):
                    event = json.loads(line)
                    if event.get("objectRef", {}).get("namespace") in self._place.namespaces:
                        yield event
