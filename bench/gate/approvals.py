"""Approvals of the benchmark: found, approved, copied for the other gate, made by thousands, removed."""

import json
from dataclasses import dataclass
from typing import Any

from bench.gate import plan
from bench.gate.loading import Expected, Loader
from bench.gate.plan import Planned
from e2e.cluster.errors import ClusterError
from tests.gate.asking import AS_WEBHOOK

_METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
_FILLER = "other"
_COPY = "gate-"


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals in the benchmark's namespace."""

    loader: Loader

    def approve_ours(self) -> None:
        """Approve every request of the agent as a person does: stamped and judged by our own webhooks."""
        wanted = [plan.approve(name, uid) for name, uid in self._all().items() if not name.startswith((_FILLER, _COPY))]
        self.loader.send(wanted, Expected(200), as_=plan.APPROVER)

    def prepare_for_gate(self, prefix: str, count: int) -> None:
        """Give the Go gate approvals of the same size, approved by the same person, under the names that it reads."""
        sample = self._sample()
        self._create([f"{_COPY}{name}" for name in plan.names(prefix, count)], sample)
        at = sample["pendingUntil"]  # in time, as the gate reads it
        copies = [(name, uid) for name, uid in self._all().items() if name.startswith(_COPY)]
        decisions = [plan.approve_as_stamped(name, uid, at) for name, uid in copies]
        self.loader.send(decisions, Expected(200), headers=AS_WEBHOOK)

    def add_others(self, count: int) -> None:
        """File more approvals of the same size, which nobody uses."""
        self._create(plan.names(_FILLER, count), self._sample())

    def change_bytes(self) -> int:
        """Return the size of the change in an approval, as text."""
        return len(self._sample()["change"].encode())

    def remove_all(self) -> None:
        """Remove every approval."""
        names = list(self._all())
        if names:
            self.loader.send([plan.remove_approval(name) for name in names], Expected(200))

    def _create(self, names: list[str], sample: dict[str, Any]) -> None:
        kind = {"apiVersion": "kubeapprove.io/v1alpha1", "kind": "ManifestApproval"}
        spec = {key: sample[key] for key in ("manifestHash", "change", "requester", "pendingUntil")}
        bodies = (json.dumps({**kind, "metadata": {"name": name}, "spec": spec}) for name in names)
        self.loader.send([Planned("POST", plan.APPROVALS, body) for body in bodies], Expected(201), headers=AS_WEBHOOK)

    def _sample(self) -> dict[str, Any]:
        """Return the spec of one request of the agent for a whole object."""
        name = next((name for name in self._all() if name.startswith("create-podtemplates-")), "")
        status, answer = self.loader.control_plane.raw("GET", f"{plan.APPROVALS}/{name}")
        if not name or status != 200:
            raise ClusterError("no approval to copy: the agent was to be refused before")
        spec: dict[str, Any] = answer["spec"]
        return spec

    def _all(self) -> dict[str, str]:
        """Return name and uid of each."""
        status, answer = self.loader.control_plane.raw("GET", plan.APPROVALS, headers=_METADATA_ONLY)
        if status != 200:
            raise ClusterError(f"cannot list approvals: {answer.get('message', status)}")
        return {item["metadata"]["name"]: item["metadata"]["uid"] for item in answer["items"]}
