"""What breaks, and how: each for real, from outside, and mended again."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from e2e.cluster.errors import ClusterError
from e2e.storm import rotation
from e2e.storm.explanations import Fault
from e2e.storm.ground import Ground, processes_of
from e2e.storm.partition import partition
from e2e.waiting import wait_until

_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of it: etcd stalls and the network is cut for so many seconds; `is_short` strikes once only."""

    stall: float
    cut: float
    is_short: bool


Strike = Callable[[Ground, Dose], None]


def kill(ground: Ground, _: Dose) -> None:
    """SIGKILL one replica after the other; each is back before the next."""
    for name, uid in ground.replicas().items():
        before = ground.restarts(name)
        with ground.blow(f"kill -9 of {name}"):
            for pid in processes_of(uid):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: ground.restarts(name) > before, f"{name} was back", _SECONDS)  # noqa: B023


def upgrade(ground: Ground, _: Dose) -> None:
    """Another setting by `helm upgrade`, and back by `helm rollback`: each replaces every Pod."""
    with ground.blow("helm upgrade"):
        ground.installation.upgrade("--set", "settings.maxPending=49")
    with ground.blow("helm rollback"):
        ground.installation.rollback()


def rotate(ground: Ground, dose: Dose) -> None:
    """The next authority, then another certificate, and all of it again."""
    for _ in range(1 if dose.is_short else 2):
        with ground.blow("another authority"):
            rotation.new_authority(ground)
        with ground.blow("another certificate"):
            rotation.new_certificate(ground)


def power_cut(ground: Ground, dose: Dose) -> None:
    """End a node with all that runs on it, bring it back, and then the other."""
    for node in list(ground.cluster.nodes.values())[: 1 if dose.is_short else None]:
        with ground.blow(f"node {node.name} loses its power"):
            node.stop()
            time.sleep(dose.cut / 2)
            node.start()
        ground.wait_whole()


def restart_api_server(ground: Ground, dose: Dose) -> None:
    """End the API server in order, and start it; then by SIGKILL."""
    with ground.blow("the API server is restarted"):
        _restart(ground)
    if not dose.is_short:
        time.sleep(dose.cut)
        with ground.blow("the API server is killed and started"):
            os.kill(ground.control_plane.marks["kube-apiserver"].pid, signal.SIGKILL)
            _restart(ground)


def _restart(ground: Ground) -> None:
    """Return when it says that it is ready: under load, on few processors, that may take longer than without."""
    try:
        ground.control_plane.restart_apiserver()
    except ClusterError:
        wait_until(lambda: ground.control_plane.raw("GET", "/readyz")[0] == 200, "the API server was ready", _SECONDS)


def stall(ground: Ground, dose: Dose) -> None:
    """Freeze etcd: nothing is written and nothing is lost."""
    with ground.blow("etcd stands still"), ground.etcd.stalled():
        time.sleep(dose.stall)


def cut(ground: Ground, dose: Dose, *, into: bool, out: bool) -> None:
    """Cut the network between API server and every replica."""
    with ground.blow("the network is cut"), partition(ground, into=into, out=out):
        time.sleep(dose.cut)


STRIKES: Final[Mapping[Fault, Strike]] = {
    Fault.NONE: lambda _ground, _dose: None,
    Fault.KILL: kill,
    Fault.UPGRADE: upgrade,
    Fault.ROTATION: rotate,
    Fault.NODE: power_cut,
    Fault.API_SERVER: restart_api_server,
    Fault.ETCD: stall,
    Fault.IN: partial(cut, into=True, out=False),
    Fault.OUT: partial(cut, into=False, out=True),
    Fault.BOTH: partial(cut, into=True, out=True),
}

BEFORE: Final[Mapping[Fault, Callable[[Ground], None]]] = {Fault.ROTATION: rotation.shorten}
"""What a phase needs before its load begins."""
AFTERWARDS: Final[Mapping[Fault, Callable[[Ground], None]]] = {Fault.ROTATION: rotation.lengthen}
"""What is to be put back when its load has ended."""
