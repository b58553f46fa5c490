r"""The network of one cluster: a router in a namespace of its own, one link to this machine, one to each node.

    this machine 10.B.0.1 ---- router 10.B.0.2 ---- node 10.B.0.11, its Pods 10.B.129.0/24
    (API server)                      \------------ node 10.B.0.12, its Pods 10.B.130.0/24

B is picked by the run: the one name of an interface on this machine, kapB, is what two runs would both want, and the
kernel gives it to one of them. All routes to Pods are the router's. The API server reaches Services (webhooks) through
a node, whose kube-proxy picks the Pod, as it does for everybody who is not in the cluster.
"""

import ipaddress
import json
import random
from pathlib import Path
from typing import Self

from e2e.cluster.errors import ClusterError
from e2e.cluster.network import Addressing
from e2e.node.namespaces import Namespaces, run

# Given, so that it stays: a bridge would take the lowest of its ports', and another one when that node goes.
MAC = "02:00:00:00:00:02"
BLOCKS = range(100, 228)  # 10.100.0.0/16 to 10.227.0.0/16


class Network:
    """Addresses and routes of one cluster; `addressing` is what its control plane has to know."""

    def __init__(self, folder: Path, pause: Path) -> None:
        self._folder, self._pause = folder, pause
        self._router: Namespaces | None = None
        self._numbers: dict[str, int] = {}
        self._attached: dict[int, Namespaces] = {}
        self.block: int

    def __enter__(self) -> Self:
        """Make the router and the link to it; without a control plane on it, it is of no use."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._router = Namespaces.bare("router", self._folder, self._pause)
        try:
            self.block = self._claim(self._router.pid)
            commands = (
                "link set lo up",
                f"link add bridge address {MAC} type bridge",
                f"addr add {self.address(2)}/24 dev bridge",
                "link set host master bridge",
                "link set host up",
                "link set bridge up",
            )
            self._router.run("ip", "-batch", "-", given="\n".join(commands))
            self._router.set("ipv4/ip_forward", "1")
            self._router.set("ipv4/conf/all/send_redirects", "0")  # what this machine sends comes back by the same link
            self._router.set("ipv4/conf/bridge/send_redirects", "0")
            run("ip", "addr", "add", f"{self.address(1)}/24", "dev", f"kap{self.block}")
            run("ip", "link", "set", f"kap{self.block}", "up")
            run("ip", "route", "add", f"10.{self.block}.0.0/16", "via", self.address(2), "src", self.address(1))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._router is not None:
            self._router.end()
            self._router = None

    @property
    def addressing(self) -> Addressing:
        """Where the control plane listens, and its Services."""
        return Addressing(self.address(1), f"10.{self.block}.1.0/24")

    @property
    def pods(self) -> str:
        """The range of all Pods."""
        return f"10.{self.block}.128.0/17"

    @property
    def dns(self) -> str:
        """Return the address that Pods ask for names."""
        return self.addressing.service(10)

    def address(self, number: int) -> str:
        """Return an address on the link between this machine, router and nodes."""
        return f"10.{self.block}.0.{number}"

    def node_address(self, index: int) -> str:
        """Return the address of the node with that number, from 1."""
        return self.address(10 + index)

    def pods_of(self, index: int) -> str:
        """Return the range of one node's Pods."""
        return f"10.{self.block}.{128 + index}.0/24"

    def attach(self, index: int, node: Namespaces) -> None:
        """Give a node its link, its address and the way to everybody else."""
        router, address, hop = self._running(), self.node_address(index), self.address(2)
        link = f"link add node{index} type veth peer name eth0 netns {node.pid}"
        up = f"link set node{index} master bridge up"
        router.run("ip", "-batch", "-", given=f"{link}\n{up}\n")
        way = ("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up", f"route add default via {hop}")
        node.run("ip", "-batch", "-", given="\n".join(way))
        node.set("ipv4/ip_forward", "1")
        node.set("ipv4/conf/eth0/send_redirects", "0")
        node.set("ipv4/conf/all/send_redirects", "0")
        router.run("ip", "route", "replace", self.pods_of(index), "via", address)
        self._attached[index] = node
        self._route_services()

    def detach(self, index: int) -> None:
        """Take a node that has ended out of the routes; its link went with it."""
        self._attached.pop(index, None)
        if self._router is not None and self._router_runs():
            self._router.run("ip", "route", "flush", self.pods_of(index))
            self._route_services()

    def number_of(self, name: str) -> int:
        """Return a node's number, from 1: the same one when it comes back."""
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    def _route_services(self) -> None:
        services = self.addressing.services
        if self._attached:
            via = self.node_address(min(self._attached))
            self._running().run("ip", "route", "replace", services, "via", via)
        else:
            self._running().run("ip", "route", "flush", services)

    def _running(self) -> Namespaces:
        if self._router is None:
            raise ClusterError("the network is not up: enter its `with` first.")
        self._router.check()
        return self._router

    def _router_runs(self) -> bool:
        try:
            self._running()
        except ClusterError:
            return False
        return True

    def _claim(self, router: int) -> int:
        """Take a block that this machine has no route into; whoever makes the interface has it."""
        taken = [ipaddress.ip_network(route["dst"]) for route in _routes() if route["dst"] != "default"]
        for block in random.sample(BLOCKS, len(BLOCKS)):
            ours = ipaddress.ip_network(f"10.{block}.0.0/16")
            if any(ours.overlaps(other) for other in taken):
                continue
            try:
                run("ip", "link", "add", f"kap{block}", "type", "veth", "peer", "name", "host", "netns", str(router))
            except ClusterError as error:
                if "File exists" in str(error):
                    continue
                raise
            return block
        raise ClusterError("no private range is free: 10.100.0.0/16 to 10.227.0.0/16 all have routes on this machine.")


def _routes() -> list[dict[str, str]]:
    routes: list[dict[str, str]] = json.loads(run("ip", "-4", "-json", "route"))
    return routes
