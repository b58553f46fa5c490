"""What a node's programs are told: containerd, its network plugins, kubelet and kube-proxy. JSON is YAML."""

import json
from dataclasses import dataclass
from pathlib import Path

from e2e.node.binaries import NodeBinaries

HERE = Path("/run/node")  # the node's folder as it is seen inside
SOCKET = Path("/run/containerd/containerd.sock")
PAUSE_IMAGE = "kubeapprove.local/pause:1"


@dataclass(frozen=True, slots=True)
class Facts:
    """One node's own values."""

    name: str
    address: str
    pods: str
    cluster_pods: str
    dns: str
    cgroup: str
    ca: Path
    cni: Path


def containerd(facts: Facts) -> str:
    """Images and snapshots in the node's folder, sockets where everybody expects them."""
    return f"""\
version = 3
root = '{HERE}/containerd'
state = '/run/containerd'
disabled_plugins = ['io.containerd.tracing.processor.v1.otlp', 'io.containerd.internal.v1.tracing']
[grpc]
address = '{SOCKET}'
[plugins.'io.containerd.internal.v1.opt']
path = '{HERE}/opt'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '{PAUSE_IMAGE}'
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true  # lowering it takes CAP_SYS_RESOURCE, which a sandbox may not have
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['{facts.cni}']
conf_dir = '{HERE}/cni'
"""


def cni(facts: Facts) -> str:
    """One link for each Pod, routed: a bridge would need the kernel's br_netfilter for Services between neighbours."""
    addresses = {
        "type": "host-local",
        "dataDir": f"{HERE}/addresses",
        "ranges": [[{"subnet": facts.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugins = [{"type": "ptp", "ipMasq": False, "ipam": addresses}]
    return json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}, indent=1)


def kubelet(facts: Facts) -> str:
    """As kubeadm sets it, with what a guest on somebody's machine must not insist on."""
    return json.dumps(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": facts.address,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(facts.ca)},
            },
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{facts.cgroup}",
            "clusterDNS": [facts.dns],
            "clusterDomain": "cluster.local",
            "containerRuntimeEndpoint": f"unix://{SOCKET}",
            "enforceNodeAllocatable": [],
            # The disk is the machine's own: how full it is says nothing about the node.
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "0%", "imagefs.available": "0%"},
            "failCgroupV1": False,
            "failSwapOn": False,
            "imageGCHighThresholdPercent": 100,
            "oomScoreAdj": 0,
            "resolvConf": f"{HERE}/resolv.conf",
            "volumePluginDir": f"{HERE}/volume-plugins",
        },
        indent=1,
    )


def kubelet_command(binaries: NodeBinaries, facts: Facts, folder: Path, kubeconfig: Path) -> list[str | Path]:
    """Flags for what the file cannot say."""
    return [
        binaries.kubelet,
        f"--config={folder / 'kubelet.json'}",
        f"--kubeconfig={kubeconfig}",
        f"--hostname-override={facts.name}",
        f"--node-ip={facts.address}",
        f"--root-dir={HERE}/kubelet",
    ]


def kube_proxy_command(binaries: NodeBinaries, facts: Facts, kubeconfig: Path) -> list[str | Path]:
    """nftables, whose rules are the namespace's own; limits of connection tracking are the kernel's and stay."""
    return [
        binaries.kube_proxy,
        f"--kubeconfig={kubeconfig}",
        f"--hostname-override={facts.name}",
        f"--cluster-cidr={facts.cluster_pods}",
        "--proxy-mode=nftables",
        "--oom-score-adj=0",
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
        f"--healthz-bind-address={facts.address}:10256",
        f"--metrics-bind-address={facts.address}:10249",
    ]
