"""A gated control plane whose every connection to and from the webhook can be made to fail.

    agent -> API server -> front proxy -> webhook -> back proxy -> the same API server -> etcd

The webhook that answers is one of two: when one is killed, the other takes over, and a new one is started beside it.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.faults.calls import ACCESS_REVIEWS, kind_of_api_call, kind_of_review
from e2e.faults.environment import changed, clock_ahead
from e2e.faults.etcd import Etcd
from e2e.faults.invariants import PLURALS, Evidence, Review
from e2e.faults.proxy import Proxy
from e2e.faults.webhook import ProxiedWebhook
from e2e.gated.gated import Gated, wait_until_known
from e2e.gated.webhook import DEFAULT_SETTINGS, Webhook
from e2e.waiting import wait_until

SETTINGS: dict[str, object] = {**DEFAULT_SETTINGS, "maxPending": 10_000}
_KEYS = {"configmaps": "/registry/configmaps", "widgets": "/registry/example.org/widgets"}
_SYSTEM_NAMESPACE, _SERVICE_ACCOUNT = "kubeapprove-system", "kubeapprove-webhook"
_APPROVALS = "/registry/kubeapprove.io/manifestapprovals"


class FaultyWorld:
    """On one control plane that runs already; `with FaultyWorld(control_plane) as world`."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self.control_plane = control_plane
        self.gated = Gated(control_plane)
        self.etcd = Etcd(control_plane)
        authority = self.gated.authority
        certificate = authority.pair.certificate
        serving = authority.server("proxies", ("127.0.0.1",))
        self.back = Proxy(control_plane.url, ca_file=control_plane.ca_file, pair=serving, name=kind_of_api_call)
        self.front = Proxy("", ca_file=certificate, pair=serving, name=kind_of_review, transparent=True)
        self._stack = ExitStack()
        self._started = 0
        self.webhook: Webhook
        self._spare: Webhook

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(self.back)
            stack.enter_context(self.front)
            stack.callback(self.gated.stop)
            self.gated.install()
            wait_until(self._has_rights, "the webhook's ServiceAccount had its rights")
            self.webhook, self._spare = self.launch(), self.launch()
            self.webhook.wait()
            self.front.target = self.webhook.url
            self.gated.register(self.front.url, self.webhook.settings_file)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def launch(self, *, settings: dict[str, object] | None = None, ahead: int = 0) -> Webhook:
        """Start one more webhook behind the back proxy, its clock `ahead` by so many seconds; does not wait."""
        self._started += 1
        state = self.control_plane.state / f"webhook-{self._started}"
        ca_file = self.gated.authority.pair.certificate
        webhook = ProxiedWebhook(self.control_plane, state, proxy=self.back.url, ca_file=ca_file)
        webhook.prepare(self.gated.authority, settings if settings is not None else SETTINGS)
        with changed(clock_ahead(ahead)):
            webhook.launch()
        self._stack.callback(webhook.kill)
        return webhook

    @property
    def spare(self) -> Webhook:
        """The second webhook, ready. One that met no API server has ended; as a kubelet would, we start it again."""
        try:
            self._spare.wait()
        except ClusterError:
            self._spare = self.launch()
            self._spare.wait()
        return self._spare

    def kill_webhook(self) -> None:
        """SIGKILL the one that answers; the other takes over, and another is started."""
        self.webhook.kill()
        self.webhook, self._spare = self.spare, self.launch()
        self.front.target = self.webhook.url

    def kill_apiserver(self) -> None:
        """SIGKILL: nothing that it was doing is ended in order. `restart_apiserver` brings it back."""
        os.kill(self.control_plane.marks["kube-apiserver"].pid, signal.SIGKILL)

    def wait_ready(self) -> None:
        """Wait until the webhook can judge: after a long fault it does not know the policies for a while."""
        wait_until(lambda: self.webhook.health("/readyz") == 200, "the webhook was ready", 30)

    @contextmanager
    def frozen(self, webhook: Webhook) -> Iterator[None]:
        """Stop a webhook inside the block (SIGSTOP): what is sent to it waits."""
        os.kill(webhook.mark.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(webhook.mark.pid, signal.SIGCONT)

    @contextmanager
    def answered_by(self, webhook: Webhook) -> Iterator[None]:
        """Have another webhook answer inside the block."""
        before, self.front.target = self.front.target, webhook.url
        try:
            yield
        finally:
            self.front.target = before

    @contextmanager
    def under(self, policy: Mapping[str, Any], *webhooks: Webhook) -> Iterator[None]:
        """Have a policy in force inside the block, known to these webhooks too; its agents are gated already."""
        everyone = [self.webhook, self.spare, *webhooks]
        self.gated.write(policy)
        try:
            wait_until_known(everyone, time.monotonic())
            yield
        finally:
            self.gated.delete(policy)
            wait_until_known(everyone, time.monotonic())

    def _has_rights(self) -> bool:
        """Whether the API server's authorizer has seen the rights that were installed: it reads them from a watch."""
        secret = {"namespace": _SYSTEM_NAMESPACE, "verb": "create", "resource": "secrets"}
        user = f"system:serviceaccount:{_SYSTEM_NAMESPACE}:{_SERVICE_ACCOUNT}"
        review = {"spec": {"user": user, "resourceAttributes": secret}}
        return bool(self.control_plane.raw("POST", ACCESS_REVIEWS, review)[1]["status"]["allowed"])

    def evidence(self, namespace: str, since: int) -> Evidence:
        """Return what the witnesses say about one namespace after this revision of etcd."""
        versions = self.etcd.since(since, "/registry/")
        objects = tuple(f"{_KEYS[plural]}/{namespace}/" for plural in PLURALS)
        return Evidence(
            approvals=[version for version in versions if version.key.startswith(f"{_APPROVALS}/{namespace}/")],
            objects=[version for version in versions if version.key.startswith(objects)],
            audit=self.gated.audit_events(namespace),
            reviews=self._reviews(namespace),
        )

    def _reviews(self, namespace: str) -> list[Review]:
        found = []
        for call, reply in list(self.front.seen):
            request = call.json["request"]
            if call.kind == "changes" and reply is not None and request.get("namespace") == namespace:
                response = reply.json["response"]
                facts = response.get("auditAnnotations", {})
                review = Review(request["uid"], response["allowed"], facts["reason"], facts.get("approval", ""))
                found.append(review)
        return found
