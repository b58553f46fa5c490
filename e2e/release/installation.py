"""The chart in a cluster, installed, changed and taken away by real Helm, and the agent in a Pod that it gates."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from e2e.gated.gated import ROOT
from e2e.release.clusters import Cluster
from e2e.waiting import wait_until

RELEASE: Final = "kubeapprove"
SYSTEM: Final = "kubeapprove-system"
APPROVALS: Final = "kubeapprove-approvals"
IMAGE: Final = "kubeapprove.local/kubeapprove:e2e"
AI: Final = "ai"
AGENT: Final = f"system:serviceaccount:{AI}:deployer"
POLICY: Final = "kubeapprove"
COMING_BACK: Final = 90.0
HELM_TEST_PATIENCE: Final = 20
PYTHON: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"
REGISTRATION: Final = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"
CHART: Final = ROOT / "charts" / "kubeapprove"
_WHERE: Final = f"--namespace={SYSTEM}"
_ASK: Final = (Path(__file__).parent / "ask.py").read_text()


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the API server, or of whoever was asked."""

    status: int
    body: str

    @property
    def reason(self) -> str:
        """The reason of a Status."""
        return str(json.loads(self.body).get("reason", ""))

    @property
    def message(self) -> str:
        """The sentence of a Status."""
        return str(json.loads(self.body).get("message", ""))


class Installation:
    """The release of this chart, which may be installed or not."""

    def __init__(self, cluster: Cluster, image: str = IMAGE) -> None:
        """`image`: what the cluster's nodes have, or can pull."""
        self.cluster, self.control_plane = cluster, cluster.control_plane
        self.kubectl = cluster.control_plane.kubectl
        self._usual = (*_values(image), "--set", f"test.patience={HELM_TEST_PATIENCE}")

    def install(self, chart: Path = CHART, image: str = "") -> None:
        """Do what a person does: one command, and wait until the policy that it made is in force."""
        values = _values(image) if image else self._usual  # an older chart knows no newer values
        self.cluster.helm("install", RELEASE, str(chart), _WHERE, "--create-namespace", *values, "--wait")
        self.wait_enforced()

    def ensure(self) -> None:
        """Have it installed, whatever an earlier test did to it."""
        if not self.is_installed():
            self.install()

    def is_installed(self) -> bool:
        """Whether Helm knows the release."""
        return self.cluster.helm("status", RELEASE, _WHERE, check=False).returncode == 0

    def upgrade(self, *values: str) -> None:
        """Bring the release to this chart and these values beside the usual ones."""
        self.cluster.helm("upgrade", RELEASE, str(CHART), _WHERE, *self._usual, *values, "--wait")

    def rollback(self) -> None:
        """Go back to the revision before."""
        self.cluster.helm("rollback", RELEASE, _WHERE, "--wait")

    def uninstall(self) -> None:
        """Take it away."""
        self.cluster.helm("uninstall", RELEASE, _WHERE, "--wait")

    def test(self) -> tuple[bool, str]:
        """Run `helm test`: whether it passed, and what it and the Pod's log said."""
        done = self.cluster.helm("test", RELEASE, _WHERE, check=False)
        log = self.kubectl("logs", f"--namespace={APPROVALS}", "pod/kubeapprove-sneak", check=False)
        return done.returncode == 0, done.stdout + done.stderr + log.stdout + log.stderr

    def wait_enforced(self) -> None:
        """Return when the registration sends the policy's agents, and every replica knows it."""
        enforced = ("wait", "--for=condition=Enforced", "--timeout=60s", f"approvalpolicy/{POLICY}")
        self.kubectl(*enforced, timeout=70)

    def wait_available(self) -> None:
        """Return when every Pod of ours answers."""
        for name in ("webhook", "operator"):
            self.cluster.wait_available(SYSTEM, f"kubeapprove-{name}", COMING_BACK)

    def pods(self, component: str) -> list[str]:
        """Return the names of the Pods of a component."""
        selected = f"--selector=app.kubernetes.io/component={component}"
        return self.kubectl("get", "pods", _WHERE, selected, "--output=name").stdout.split()

    def nodes(self) -> list[str]:
        """Return the names of the cluster's nodes."""
        return [one.removeprefix("node/") for one in self.kubectl("get", "nodes", "--output=name").stdout.split()]

    def wait_until_asked(self, namespace: str) -> None:
        """Return when the agent is refused by the gate itself, and not for want of it."""
        path = f"/api/v1/namespaces/{namespace}/configmaps"

        def is_asked() -> bool:
            answer = self.control_plane.raw("POST", path, {"metadata": {"name": "asked"}}, as_=AGENT)[1]
            return answer.get("reason") in {"ApprovalRequired", "ApprovalPending"}

        wait_until(is_asked, "the gate refused an agent", COMING_BACK)

    @contextmanager
    def no_change_all_the_while(self, namespace: str) -> Iterator[list[str]]:
        """Have the agent send what changes nothing, on and on, as GitOps tools do; yields what was refused.

        At least one request is sent before and one after whatever is done meanwhile.
        """
        path = f"/api/v1/namespaces/{namespace}/configmaps/same"
        config_map = {"metadata": {"name": "same"}, "data": {"a": "b"}}
        created = self.control_plane.raw("POST", path.removesuffix("/same"), config_map)
        assert created[0] == 201, created
        refused: list[str] = []
        ending, sent = Event(), 0

        def send() -> None:
            nonlocal sent
            while not ending.is_set():
                status, answer = self.control_plane.raw("PATCH", path, {"data": {"a": "b"}}, as_=AGENT)
                if status != 200:
                    refused.append(f"{status} {answer.get('reason')}: {answer.get('message')}")
                sent += 1

        def wait_for_more() -> None:
            before = sent
            wait_until(lambda: sent > before + 1, "the agent has sent another request")

        sender = Thread(target=send)
        sender.start()
        try:
            wait_for_more()
            yield refused
            wait_for_more()
        finally:
            ending.set()
            sender.join()


class Agent:
    """A Pod in namespace `ai` that runs as ServiceAccount `deployer`."""

    def __init__(self, cluster: Cluster, image: str = IMAGE) -> None:
        """`image` has a Python, as ours has."""
        self.cluster, self.kubectl = cluster, cluster.control_plane.kubectl
        self._image = image

    def start(self) -> None:
        """Make it, with the right to write ConfigMaps anywhere, and wait until it runs."""
        self.kubectl(
            "apply",
            "--filename=-",
            input=json.dumps({"apiVersion": "v1", "kind": "List", "items": _agent(self._image)}),
        )
        self.cluster.wait_available(AI, "deployer")
        self.cluster.control_plane.service_account(AI, "deployer")  # the same one, for requests from outside

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send one request from inside the Pod; a path is the API server's, with the Pod's token."""
        where = ("exec", f"--namespace={AI}", "--stdin", "deployment/deployer", "--")
        done = self.kubectl(*where, PYTHON, "-c", _ASK, method, url, input="" if body is None else json.dumps(body))
        return Answer(**json.loads(done.stdout))


def _values(image: str) -> tuple[str, ...]:
    repository, _, tag = image.rpartition(":")
    agents = json.dumps([{"kind": "ServiceAccount", "namespace": AI, "name": "deployer"}])
    image = f"image.repository={repository},image.tag={tag}"
    return ("--set", image, "--set-json", f"agents={agents}", "--timeout=2m")


def _agent(image: str) -> list[dict[str, Any]]:
    account = {"kind": "ServiceAccount", "name": "deployer", "namespace": AI}
    rights = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        {
            "apiGroups": ["kubeapprove.io"],
            "resources": ["manifestapprovals"],
            "verbs": ["get", "list", "watch", "patch"],
        },
    ]
    name, labels = {"name": "deployer"}, {"app": "deployer"}
    rights_name = {"name": f"{AI}-deployer"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", **rights_name}
    container = {
        "name": "agent",
        "image": image,
        "command": [PYTHON, "-c", "import signal; signal.sigwait([signal.SIGTERM])"],
    }
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": AI}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": name | {"namespace": AI}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": rights_name, "rules": rights},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": rights_name,
            "roleRef": role,
            "subjects": [account],
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": name | {"namespace": AI},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "serviceAccountName": "deployer",
                        "terminationGracePeriodSeconds": 1,
                        "containers": [container],
                    },
                },
            },
        },
    ]
