"""A whole cluster: control plane, scheduler, CoreDNS and real nodes, where a chart can be installed by real Helm.

with RealCluster(nodes=("one", "two")) as cluster:
    cluster.import_image(image)
    cluster.helm("install", "web", "charts/web", "--wait")
    cluster.control_plane.kubectl("get", "pods", "--all-namespaces")
"""

import atexit
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from e2e.cluster import binaries as control_plane_binaries
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Process
from e2e.node import dns, images, packages
from e2e.node.binaries import NodeBinaries, locate
from e2e.node.images import Image
from e2e.node.network import Network
from e2e.node.node import Node

SCHEDULER = "system:kube-scheduler"
GRACE = 5.0
HELM_TIMEOUT = 300.0


class RealCluster:
    """Nodes are in `nodes`, by name; any number of clusters side by side."""

    def __init__(self, *, nodes: Sequence[str] = ("one",), fsync: bool = False, with_dns: bool = True) -> None:
        self._names, self._fsync, self._with_dns = nodes, fsync, with_dns
        self._stack = ExitStack()
        self.nodes: dict[str, Node] = {}
        self.binaries: NodeBinaries
        self.network: Network
        self.control_plane: ControlPlane

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Return when every node is Ready and names resolve; on failure nothing is left running."""
        packages.require()
        self.binaries = locate()
        programs = control_plane_binaries.locate(build=False)
        atexit.register(self.stop)
        try:
            folder = Path(tempfile.mkdtemp(prefix="kubeapprove-"))
            self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self.network = self._stack.enter_context(Network(folder / "network", self.binaries.pause))
            self.control_plane = self._stack.enter_context(
                ControlPlane(
                    state=folder / "cluster",
                    fsync=self._fsync,
                    binaries=programs,
                    addressing=self.network.addressing,
                )
            )
            self._start_scheduler()
            for name in self._names:
                node = Node(self.control_plane, self.network, name, binaries=self.binaries)
                self._stack.callback(node.stop)
                self.nodes[name] = node.start(wait=False)  # several become ready side by side
            for node in self.nodes.values():
                node.wait_ready()
            if self._with_dns:
                self._start_dns(folder)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything: nodes, scheduler, control plane, network, in this order."""
        atexit.unregister(self.stop)
        self._stack.close()

    def import_image(self, image: Image) -> None:
        """Make an image known to every node."""
        packed = images.archive(image, self.control_plane.state / "import.tar")
        try:
            for node in self.nodes.values():
                node.load_image(packed)
        finally:
            packed.unlink()

    def helm(self, *args: str, as_: str = "admin", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Helm as an identity, with folders of its own."""
        home = self.control_plane.state / "helm"
        environment = {
            **self.control_plane.environment(as_),
            **{f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")},
        }
        done = subprocess.run(
            [self.binaries.helm, *args],
            check=False,
            capture_output=True,
            text=True,
            timeout=HELM_TIMEOUT,
            env=environment,
        )
        if check and done.returncode != 0:
            said = done.stderr or done.stdout
            raise ClusterError(f"helm {' '.join(args)} (as {as_}) exited with {done.returncode}: {said}")
        return done

    def wait_available(self, namespace: str, deployment: str, seconds: float = 60) -> None:
        """Return when every replica of a Deployment is available."""
        wait = (
            "rollout",
            "status",
            f"deployment/{deployment}",
            f"--namespace={namespace}",
            f"--timeout={seconds:.0f}s",
        )
        self.control_plane.kubectl(*wait, timeout=seconds + 10)

    def _start_scheduler(self) -> None:
        command: list[str | Path] = [
            self.binaries.kube_scheduler,
            f"--kubeconfig={self.control_plane.identity(SCHEDULER)}",
            "--leader-elect=false",
            "--secure-port=0",
        ]
        state = self.control_plane.state
        log = state / "logs" / "kube-scheduler.log"
        scheduler = Process("kube-scheduler", command, cwd=state, log=log, detached=False)
        self._stack.callback(scheduler.stop, GRACE)

    def _start_dns(self, folder: Path) -> None:
        self.import_image(dns.image(self.binaries.coredns, folder / "coredns"))
        manifest = json.dumps(dns.objects(self.network.dns, min(2, len(self.nodes))))
        self.control_plane.kubectl("apply", "--filename=-", input=manifest)
        self.wait_available("kube-system", "coredns")
