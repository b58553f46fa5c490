"""A control plane with the gate in front of its agents: CRD, rights, webhook, registration, as installers have it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.pki import Authority
from e2e.gated.balancer import Balancer
from e2e.gated.operator import Operator
from e2e.gated.policies import DEFAULT_POLICY, as_list
from e2e.gated.server import Server
from e2e.gated.webhook import DEFAULT_SETTINGS, Webhook
from e2e.waiting import wait_until

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "e2e" / "manifests"
POLICIES = "/apis/kubeapprove.io/v1alpha1/approvalpolicies"


class Gated:
    """Everything of ours on one control plane that runs already; `with Gated(cp) as gated:` or start and stop."""

    def __init__(
        self,
        control_plane: ControlPlane,
        *,
        settings: dict[str, object] | None = None,
        policies: Sequence[Mapping[str, Any]] = (DEFAULT_POLICY,),
        operator: bool = False,
        lives: tuple[str, str] | None = None,
        detached: bool = False,
    ) -> None:
        """Without `operator` the registration is applied by the command, and phases stay as the webhook left them.

        With `lives` the operator keeps authority and certificate, each valid for so long, and the webhook takes them.
        """
        self.control_plane = control_plane
        self.settings = settings if settings is not None else DEFAULT_SETTINGS
        self.policies = policies
        self._detached = detached
        self.authority = Authority(control_plane.state / "webhook-pki")
        self._lives, secret = lives, "" if lives is None else "kubeapprove-webhook-tls"
        self.webhook = Webhook(control_plane, control_plane.state / "webhook", tls_secret=secret, detached=detached)
        self.operator = self.another_operator("operator") if operator else None
        self.front = ""
        self._others: tuple[str, Sequence[Webhook]] | None = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Install, start the webhook, register it, and wait until an agent is really refused, where there is one."""
        self.install()
        self.webhook.prepare(self.authority, self.settings)
        self.webhook.launch()
        if self.operator is None:
            self.webhook.wait()
            self.register(self.webhook.url)
        else:
            # Each makes what the other waits for: the path of the URL, the certificate.
            self.operator.write_files(self.settings)
            self.operator.launch()
            self.webhook.wait()
            self.operator.wait()
            if self.policies:  # else nobody is an agent
                self.wait_until_gated()
        return self

    def another_operator(self, name: str) -> Operator:
        """Return an operator that is not started, with a state folder of this name."""
        state, ca = self.control_plane.state / name, self.authority.pair.certificate
        return Operator(
            self.control_plane, state, url=self.webhook.url, ca_file=ca, lives=self._lives, detached=self._detached
        )

    @property
    def url(self) -> str:
        """Where the API server is told to find the webhook: at `front`, what stands before it, where that is set."""
        return self.front or self.webhook.url

    @property
    def answering(self) -> Sequence[Webhook]:
        """The webhooks that the API server asks now."""
        return [self.webhook] if self._others is None else self._others[1]

    @property
    def servers(self) -> list[Server]:
        """Our own processes."""
        return [self.webhook] if self.operator is None else [self.webhook, self.operator]

    def stop(self) -> None:
        """Take the registration back and stop our servers: the control plane is as it was, but for the CRD."""
        if self.operator is not None:
            self.operator.stop()  # first: it would register again
        kinds = "validatingwebhookconfigurations,mutatingwebhookconfigurations"
        self.control_plane.kubectl("delete", kinds, "kubeapprove", "--ignore-not-found", check=False)
        self.control_plane.kubectl("delete", "approvalpolicies", "--all", check=False)
        self.webhook.stop()

    def stop_servers(self) -> None:
        """Stop our servers and leave the registration: the control plane ends as well."""
        for server in reversed(self.servers):
            server.stop()

    def install(self) -> None:
        """Apply CRDs, namespaces, rights and policies, and wait until the API server serves them."""
        for path in (ROOT / "crds", MANIFESTS):
            self.control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(path))
        crds = [f"crd/{plural}.kubeapprove.io" for plural in ("manifestapprovals", "approvalpolicies")]
        self.control_plane.kubectl("wait", "--for=condition=Established", *crds, "--timeout=20s")
        if self.policies:
            wait_until(lambda: self.write(*self.policies, check=False), "the policies were taken")

    def write(self, *policies: Mapping[str, Any], check: bool = True) -> bool:
        """Write policies and wait for nothing; whether they were taken."""
        arguments = ("apply", "--server-side", "--force-conflicts", "-f", "-")
        return self.control_plane.kubectl(*arguments, input=as_list(policies), check=check).returncode == 0

    @contextmanager
    def under(self, *policies: Mapping[str, Any]) -> Iterator[None]:
        """Have these policies in force beside the others, and their agents gated; then take them back."""
        try:
            self.apply(*policies)
            yield
        finally:
            self.delete(*policies)
            self.follow()

    def apply(self, *policies: Mapping[str, Any]) -> None:
        """Write policies, and wait until the webhook knows them and their agents are sent to it."""
        self.write(*policies)
        self.follow()

    def delete(self, *policies: Mapping[str, Any]) -> None:
        """Delete policies and wait for nothing: whoever no other one names is sent as before, until `follow`."""
        names = [policy["metadata"]["name"] for policy in policies]
        self.control_plane.kubectl("delete", "approvalpolicies", "--ignore-not-found", *names)

    def follow(self) -> None:
        """Wait until webhook and registration are as the policies are now."""
        since = time.monotonic()
        if self.operator is None:
            self._register_again()
        self.wait_until_known(since)
        if self.operator is not None:
            wait_until(self._all_enforced, "every policy was Enforced", 30)

    def _all_enforced(self) -> bool:
        return all(_is_enforced(policy) for policy in self.control_plane.raw("GET", POLICIES)[1]["items"])

    def wait_until_known(self, since: float | None = None) -> None:
        """Return when whoever answers has asked for the policies after this call, or after `since`."""
        wait_until_known(self.answering, time.monotonic() if since is None else since)

    @contextmanager
    def answered_by(self, webhooks: Sequence[Webhook], settings: dict[str, object] | None = None) -> Iterator[str]:
        """Have the API server ask these webhooks at the URL yielded: of other settings, or many; then ours again."""
        for webhook in webhooks:
            webhook.prepare(self.authority, settings if settings is not None else self.settings)
        try:
            for webhook in webhooks:
                webhook.launch()
            for webhook in webhooks:
                webhook.wait()
            with Balancer([webhook.port for webhook in webhooks]) as balancer:
                self._others = (balancer.url, webhooks)
                self._register_and_see()
                yield balancer.url
                self._others = None
                self._register_and_see()
        finally:
            self._others = None
            for webhook in webhooks:
                webhook.terminate()
            for webhook in webhooks:
                webhook.stop()

    def _register_and_see(self) -> None:
        """Register who answers now and ask, dry, until one of them was asked."""
        before = sum(webhook.answers() for webhook in self.answering)

        def is_asked() -> bool:
            self.wait_until_gated()
            return sum(webhook.answers() for webhook in self.answering) > before

        self._register_again()
        wait_until(is_asked, "the API server asked the webhooks that it was told to")

    def _register_again(self) -> None:
        url = self.url if self._others is None else self._others[0]
        self.register(url, self.answering[0].settings_file)

    def register(self, url: str, settings_file: Path | None = None) -> None:
        """Apply the registration for this URL with our own command, and wait until the API server acts on it."""
        environment = self.control_plane.environment() | {
            "KUBEAPPROVE_SETTINGS": str(settings_file or self.webhook.settings_file),
            "KUBECTL": str(self.control_plane.kubectl_binary),
        }
        program = Path(sys.executable).parent / "kubeapprove-webhook"
        done = subprocess.run(
            [program, "register", f"--url={url}", f"--ca-file={self.authority.pair.certificate}"],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ClusterError(f"kubeapprove-webhook register failed: {done.stderr.strip()}")
        self.wait_until_gated()

    def wait_until_gated(self) -> None:
        """The API server reads registrations from a watch: ask, dry, until the gate answers."""

        def is_gated() -> bool:
            probe = ("create", "configmap", "kubeapprove-probe", "--dry-run=server", "-n", "default")
            done = self.control_plane.kubectl(*probe, as_="agent", check=False)
            return "kubeapprove would" in done.stderr

        wait_until(is_gated, "an agent's dry run was answered by the gate")

    def audit_events(self, namespace: str) -> list[dict[str, Any]]:
        """Return the API server's own audit events about one namespace, as far as they are written."""
        lines = self.control_plane.audit_log.read_text(encoding="utf-8").splitlines()
        events = (json.loads(line) for line in lines if namespace in line)
        return [event for event in events if event.get("objectRef", {}).get("namespace") == namespace]


def wait_until_known(webhooks: Sequence[Webhook], since: float) -> None:
    """Return when each webhook has listed the policies anew after a moment of the monotonic clock."""

    def is_known() -> bool:
        before = time.monotonic()
        ages = [webhook.metric("kubeapprove_policy_age_seconds") for webhook in webhooks]
        return all(0 < age < before - since for age in ages)

    wait_until(is_known, "every webhook that answers knew the policies")


def _is_enforced(policy: Mapping[str, Any]) -> bool:
    """Whether the operator says so of the policy as it is now."""
    return any(
        (one["type"], one["status"], one.get("observedGeneration"))
        == ("Enforced", "True", policy["metadata"]["generation"])
        for one in policy.get("status", {}).get("conditions", [])
    )
