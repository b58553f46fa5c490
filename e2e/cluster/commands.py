"""The command line of each program: what a real cluster sets, as small as it gets."""

from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.binaries import Binaries
from e2e.cluster.network import Addressing
from e2e.cluster.pki import Pair
from e2e.cluster.provider import AUTHENTICATION, FOLDER, TOKEN_WEBHOOK

ETCD_SOCKET = "etcd.sock"  # relative to the state folder, which is every program's cwd: no port, no 108-byte limit
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are inside one state folder, and the one port."""

    state: Path
    port: int
    ca: Pair
    serving: Pair
    tokens: Pair
    kubelet_client: Pair
    addressing: Addressing
    admission: Path | None = None

    @property
    def etcd_dir(self) -> Path:
        """Where etcd keeps every object; a test that plants values searches it."""
        return self.state / "etcd"

    @property
    def audit_log(self) -> Path:
        """The API server's own record of each request."""
        return self.state / "logs" / "audit.log"

    @property
    def audit_policy(self) -> Path:
        """Metadata of everything: who, what, the verdict's annotations; never a body."""
        return self.state / "audit-policy.yaml"

    @property
    def identity_provider(self) -> Path:
        """What our own issuer and token webhook serve, and how the API server finds them."""
        return self.state / FOLDER


def etcd(binaries: Binaries, layout: Layout, *, fsync: bool) -> list[str | Path]:
    """One member behind a Unix socket in our own folder: nobody else on the machine can write to it."""
    command: list[str | Path] = [
        binaries.etcd,
        f"--data-dir={layout.etcd_dir}",
        f"--listen-client-urls=unix://{ETCD_SOCKET}",
        f"--advertise-client-urls=unix://{ETCD_SOCKET}",
        "--listen-peer-urls=http://127.0.0.1:0",
        "--log-level=warn",
    ]
    return command if fsync else [*command, "--unsafe-no-fsync"]


def apiserver(binaries: Binaries, layout: Layout) -> list[str | Path]:
    """RBAC, and every kind of identity that there is; both admission webhook plugins are on by default."""
    return [
        binaries.apiserver,
        f"--etcd-servers=unix://{ETCD_SOCKET}",
        f"--bind-address={layout.addressing.host}",
        f"--secure-port={layout.port}",
        f"--advertise-address={layout.addressing.host}",
        f"--service-cluster-ip-range={layout.addressing.services}",
        *_for_nodes(layout),
        *([] if layout.admission is None else [f"--admission-control-config-file={layout.admission}"]),
        "--anonymous-auth=false",
        "--allow-privileged=true",
        "--profiling=false",
        f"--client-ca-file={layout.ca.certificate}",
        f"--tls-cert-file={layout.serving.certificate}",
        f"--tls-private-key-file={layout.serving.key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={layout.tokens.certificate}",
        f"--service-account-signing-key-file={layout.tokens.key}",
        f"--authentication-config={layout.identity_provider / AUTHENTICATION}",
        f"--authentication-token-webhook-config-file={layout.identity_provider / TOKEN_WEBHOOK}",
        "--authentication-token-webhook-version=v1",
        f"--audit-policy-file={layout.audit_policy}",
        f"--audit-log-path={layout.audit_log}",
    ]


def _for_nodes(layout: Layout) -> list[str | Path]:
    """What differs when kubelets can come: how they are asked for logs and exec, and that each sees its own Pods."""
    if layout.addressing.loopback:
        # An Endpoints object may not name a loopback address.
        return ["--endpoint-reconciler-type=none", "--authorization-mode=RBAC"]
    return [
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-client-certificate={layout.kubelet_client.certificate}",
        f"--kubelet-client-key={layout.kubelet_client.key}",
    ]


def controller_manager(binaries: Binaries, layout: Layout, kubeconfig: Path) -> list[str | Path]:
    """Every controller, each under its own ServiceAccount as in a real cluster; no port of its own."""
    return [
        binaries.controller_manager,
        f"--kubeconfig={kubeconfig}",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={layout.tokens.key}",
        f"--root-ca-file={layout.ca.certificate}",
        f"--cluster-signing-cert-file={layout.ca.certificate}",
        f"--cluster-signing-key-file={layout.ca.key}",
        "--leader-elect=false",
        "--kube-api-qps=1000",  # the default, 20, makes the controllers wait for each other's tokens: five seconds
        "--kube-api-burst=1000",
        "--secure-port=0",
    ]
