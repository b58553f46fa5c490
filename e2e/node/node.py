"""A real node: containerd, kubelet and kube-proxy in namespaces of their own.

    with Network(folder, pause) as network, ControlPlane(addressing=network.addressing) as cp:
        with Node(cp, network, "one") as node:
            node.import_image(image)

Ready some seconds later. Everything inside ends with its first process, Pods included, whatever happened to us; only
the control group and the folder are left to be removed then, by the next run or with the temporary folder.
"""

import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Process
from e2e.node import cgroups, configuration, images, packages
from e2e.node.binaries import NodeBinaries, locate
from e2e.node.configuration import PAUSE_IMAGE, SOCKET, Facts
from e2e.node.images import Image
from e2e.node.namespaces import Namespaces, child_of
from e2e.node.network import Network
from e2e.waiting import wait_until

READY_SECONDS = 60.0
GRACE = 5.0
NODES_GROUP = ("system:nodes",)
PROXY = "system:kube-proxy"


class Node:
    """One node of a control plane; several side by side, each on the same network."""

    def __init__(
        self, control_plane: ControlPlane, network: Network, name: str, *, binaries: NodeBinaries | None = None
    ) -> None:
        self.name = name
        self.folder = control_plane.state / "nodes" / name
        self._control_plane, self._network, self._binaries = control_plane, network, binaries
        self._namespaces: Namespaces | None = None
        self._processes: dict[str, Process] = {}
        self._stopping = threading.Lock()
        self._kubelet_started = dt.datetime.now(dt.UTC)
        self.index = network.number_of(name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._namespaces is not None

    @property
    def address(self) -> str:
        """Its InternalIP."""
        return self._network.node_address(self.index)

    def start(self, *, wait: bool = True) -> Self:
        """Start it and return when the API server calls it Ready; `wait=False` leaves that to `wait_ready`."""
        packages.require()
        self._binaries = self._binaries or locate()
        cgroups.sweep()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            cgroups.make(self._cgroup)
            self._namespaces = Namespaces.machine(self.name, self.folder, self._binaries.pause)
            self._network.attach(self.index, self._namespaces)
            self._start_programs(self._binaries)
            if wait:
                self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End it as a machine ends that loses its power; its Node object stays, and `start` brings it back.

        A second call does nothing.
        """
        with self._stopping:
            if self._namespaces is not None:
                self._namespaces.end()
                self._namespaces = None
                self._network.detach(self.index)
            for process in self._processes.values():
                process.stop(GRACE)
            self._processes.clear()
            cgroups.remove(self._cgroup)

    def wait_ready(self) -> None:
        """Return when the API server calls it Ready."""
        self._wait(self._ready, f"node {self.name} is Ready")

    def kill(self, program: str) -> None:
        """Kill one program of the node (containerd, kubelet, kube-proxy) without notice; Pods run on."""
        os.kill(self.program_pid(program), signal.SIGKILL)
        self._processes.pop(program).stop(GRACE)

    def revive(self, program: str) -> None:
        """Start a program again that was killed."""
        assert self._binaries is not None
        start = {"containerd": self._start_containerd, "kubelet": self._start_kubelet, "kube-proxy": self._start_proxy}
        start[program](self._binaries)

    def program_pid(self, program: str) -> int:
        """Return the process id of a program as this machine sees it."""
        return child_of(self._processes[program].pid)

    def run(self, *command: str | Path) -> str:
        """Run a command inside the node to its end: `ip`, `nft`, `ctr`, …; returns what it printed."""
        return self._inside.run(*command)

    def import_image(self, image: Image) -> None:
        """Make an image known to this node; a Pod names it with `imagePullPolicy: Never`."""
        packed = images.archive(image, self.folder / "import.tar")
        try:
            self.load_image(packed)
        finally:
            packed.unlink(missing_ok=True)

    def load_image(self, packed: Path) -> None:
        """Take a docker-archive, such as `docker save` makes."""
        assert self._binaries is not None
        self.run(self._binaries.ctr, "--namespace=k8s.io", "images", "import", "--local", packed)

    @property
    def _inside(self) -> Namespaces:
        if self._namespaces is None:
            raise ClusterError(f"node {self.name} is not running.")
        return self._namespaces

    @property
    def _cgroup(self) -> str:
        return cgroups.name(os.getpid(), self._network.block, self.name)

    def _start_programs(self, binaries: NodeBinaries) -> None:
        self._configure()
        self._start_containerd(binaries)
        rootfs = images.programs_folder(self.folder / "pause", binaries.pause)
        self.import_image(Image(PAUSE_IMAGE, rootfs, entrypoint=("/pause",), user="65535:65535"))
        self._start_kubelet(binaries)
        self._wait(self._registered, f"node {self.name} is registered")  # kube-proxy waits long for an address
        self._start_proxy(binaries)

    def _start_containerd(self, binaries: NodeBinaries) -> None:
        socket = self._inside.root / SOCKET.relative_to("/")
        socket.unlink(missing_ok=True)
        self._start("containerd", [binaries.containerd, f"--config={self.folder / 'containerd.toml'}"])
        self._wait(socket.is_socket, f"containerd of {self.name} listens")

    def _start_proxy(self, binaries: NodeBinaries) -> None:
        kubeconfig = self._control_plane.identity(PROXY)
        self._start("kube-proxy", configuration.kube_proxy_command(binaries, self._facts(), kubeconfig))

    def _start_kubelet(self, binaries: NodeBinaries) -> None:
        self._kubelet_started = dt.datetime.now(dt.UTC).replace(microsecond=0)
        kubeconfig = self._control_plane.identity(f"system:node:{self.name}", NODES_GROUP)
        self._start("kubelet", configuration.kubelet_command(binaries, self._facts(), self.folder, kubeconfig))

    def _facts(self) -> Facts:
        network = self._network
        return Facts(
            self.name,
            self.address,
            network.pods_of(self.index),
            network.pods,
            network.dns,
            self._cgroup,
            self._control_plane.ca_file,
            packages.cni_folder(),
        )

    def _configure(self) -> None:
        facts = self._facts()
        (self.folder / "cni").mkdir(exist_ok=True)
        (self.folder / "cni" / "pods.conflist").write_text(configuration.cni(facts))
        (self.folder / "containerd.toml").write_text(configuration.containerd(facts))
        (self.folder / "kubelet.json").write_text(configuration.kubelet(facts))
        (self.folder / "resolv.conf").write_text("")

    def _start(self, name: str, command: Sequence[str | Path]) -> None:
        assert self._binaries is not None
        inside = self._inside.command("env", f"PATH={self._binaries.path}", *command)
        log = self.folder / "logs" / f"{name}.log"
        self._processes[name] = Process(f"{name} of {self.name}", inside, cwd=self.folder, log=log, detached=False)

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        def holds() -> bool:
            self._inside.check()
            for process in self._processes.values():
                process.check()
            return condition()

        try:
            wait_until(holds, what, READY_SECONDS)
        except ClusterError as error:
            tails = "\n".join(f"{name}:\n{process.tail()}" for name, process in self._processes.items())
            raise ClusterError(f"{error}\n{tails}") from error

    def _registered(self) -> bool:
        return self._control_plane.raw("GET", f"/api/v1/nodes/{self.name}")[0] == 200

    def _ready(self) -> bool:
        """Whether this kubelet has said so: what an earlier one said stands for a while."""
        status, node = self._control_plane.raw("GET", f"/api/v1/nodes/{self.name}")
        conditions = node.get("status", {}).get("conditions", []) if status == 200 else []
        ready = [one for one in conditions if one["type"] == "Ready" and one["status"] == "True"]
        return any(dt.datetime.fromisoformat(one["lastHeartbeatTime"]) >= self._kubelet_started for one in ready)
