"""The cluster that the storm goes over: the chart installed by real Helm, and what a run adds and takes away again."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from e2e.cluster.errors import ClusterError
from e2e.faults.etcd import Etcd
from e2e.node.cluster import RealCluster
from e2e.release.installation import SYSTEM, Installation
from e2e.storm.place import APPROVER, PERSON, Names, objects
from e2e.storm.verdict import Blow
from e2e.waiting import wait_until

PROGRAM: Final = "kubeapprove-webhook"
_READY: Final = 120.0


class Ground:
    """One for a run. `blows` are those of the phase that is on."""

    def __init__(
        self, cluster: RealCluster, installation: Installation, names: Names, tell: Callable[[str], None]
    ) -> None:
        """`installation`: in this very cluster."""
        self.cluster, self.control_plane = cluster, cluster.control_plane
        self.installation, self.names, self.tell = installation, names, tell
        self.etcd = Etcd(self.control_plane)
        self.blows: list[Blow] = []

    @property
    def identities(self) -> tuple[str, ...]:
        """Everybody whom the load speaks for."""
        return (*self.names.agents, PERSON, APPROVER)

    def prepare(self, phases: int) -> None:
        """Make agents, rights and policy, and wait until every replica knows them."""
        listed = {"apiVersion": "v1", "kind": "List", "items": objects(self.names, phases)}
        self.control_plane.kubectl("apply", "--filename=-", input=json.dumps(listed))
        for agent in self.names.agents:
            self.control_plane.service_account(self.names.home, agent.rpartition(":")[2])
        enforced = ("wait", "--for=condition=Enforced", "--timeout=60s", f"approvalpolicy/{self.names.policy}")
        self.control_plane.kubectl(*enforced, timeout=70)

    def remove(self) -> None:
        """Take all of it away; what the agents may is gone before the gate forgets them."""
        bindings = (self.names.policy, f"{self.names.policy}-approver")
        self.control_plane.kubectl("delete", "clusterrolebinding", *bindings, "--ignore-not-found")
        self.control_plane.kubectl("delete", "clusterrole", self.names.policy, "--ignore-not-found")
        self.control_plane.kubectl("delete", "approvalpolicy", self.names.policy, "--ignore-not-found")
        self.control_plane.kubectl("delete", "namespace", self.names.home, "--ignore-not-found", "--wait=false")

    @contextmanager
    def blow(self, what: str) -> Iterator[None]:
        """Note that the fault lasts as long as the block."""
        self.tell(what)
        start = time.monotonic()
        try:
            yield
        finally:
            self.blows.append(Blow(start, time.monotonic()))

    def wait_whole(self) -> None:
        """Return when every Pod of ours is ready, by what its node said since now."""
        for node in self.cluster.nodes.values():
            if not node.running:
                node.start()
            node.wait_ready()
        self.installation.wait_available()
        wait_until(self._all_ready, "every replica was ready", _READY)

    def replicas(self) -> dict[str, str]:
        """Return the webhook's Pods that are not on their way out: name and uid."""
        return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in self._pods()}

    def addresses(self) -> list[str]:
        """Return their addresses."""
        return [pod["status"]["podIP"] for pod in self._pods() if pod["status"].get("podIP")]

    def restarts(self, name: str) -> int:
        """Return how often the kubelet had to start a replica again, -1 while it does not run."""
        for pod in self._pods():
            if pod["metadata"]["name"] == name:
                state = pod["status"]["containerStatuses"][0]
                return int(state["restartCount"]) if state["ready"] else -1
        return -1

    def _all_ready(self) -> bool:
        pods = self._pods()
        return bool(pods) and all(
            state["ready"] for pod in pods for state in pod["status"].get("containerStatuses", [{"ready": False}])
        )

    def _pods(self) -> list[dict[str, Any]]:
        selected = "labelSelector=app.kubernetes.io/component%3Dwebhook"
        status, answer = self.control_plane.raw("GET", f"/api/v1/namespaces/{SYSTEM}/pods?{selected}")
        if status != 200:
            raise ClusterError(f"the webhook's Pods could not be listed: {answer.get('message')}")
        return [pod for pod in answer["items"] if "deletionTimestamp" not in pod["metadata"]]


def processes_of(pod_uid: str) -> list[int]:
    """Return the processes of our program in a Pod, as this machine sees them: its control group has the uid in it."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            is_ours = f"pod{pod_uid}" in (folder / "cgroup").read_text()
            if is_ours and PROGRAM.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return found
