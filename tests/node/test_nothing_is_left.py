"""However a run ends, its nodes end with it; and two runs side by side do not meet."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.node import cgroups
from e2e.node.cluster import RealCluster
from e2e.waiting import wait_until

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

RUN = """
import json, signal
from e2e.node.cluster import RealCluster
signal.signal(signal.SIGINT, signal.default_int_handler)
with RealCluster(nodes=("lone",)) as cluster:
    node = cluster.nodes["lone"]
    programs = {name: node.program_pid(name) for name in ("containerd", "kubelet", "kube-proxy")}
    folder = str(cluster.control_plane.state.parent)
    print(json.dumps({"block": cluster.network.block, "programs": programs, "folder": folder}), flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_leaves_nothing_running(real_cluster: RealCluster, ending: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as run:
        assert run.stdout is not None
        said = json.loads(run.stdout.readline())
        group = cgroups.name(run.pid, said["block"], "lone")
        assert said["block"] != real_cluster.network.block
        assert _processes(group), "CoreDNS at least runs in a Pod"
        run.send_signal(ending)
    wait_until(lambda: not any(map(_exists, said["programs"].values())), "the node's programs are gone")
    wait_until(lambda: not _processes(group), "its Pods are gone")
    wait_until(lambda: not Path(f"/sys/class/net/kap{said['block']}").exists(), "its link is gone")
    assert said["folder"] not in Path("/proc/self/mountinfo").read_text()
    if ending != signal.SIGKILL:
        assert not Path(said["folder"]).exists()
    wait_until(lambda: not _swept(group), "its control group is gone")
    nodes = real_cluster.control_plane.kubectl("wait", "--for=condition=Ready", "node", "--all")
    assert nodes.returncode == 0


def _swept(group: str) -> list[Path]:
    """What is left of it when the next run has looked."""
    cgroups.sweep()
    return cgroups.existing(group)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _processes(group: str) -> list[str]:
    return [
        line
        for path in cgroups.existing(group)
        for file in path.rglob("cgroup.procs")
        for line in file.read_text().split()
    ]
