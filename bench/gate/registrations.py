"""All webhook registrations of the benchmark, put in place and taken away as one.

Taken away, and not only matched by nobody: `no webhook at all` means that the API server evaluates no condition either.
"""

from collections.abc import Callable, Sequence
from typing import Any

from bench.gate import plan
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.waiting import wait_until
from kubeapprove.registration import NAME, TIMEOUT_SECONDS, cel_literal

_API = "/apis/admissionregistration.k8s.io/v1"
_MUTATING, _VALIDATING = f"{_API}/mutatingwebhookconfigurations", f"{_API}/validatingwebhookconfigurations"
_PROBE = {"metadata": {"name": "kubeapprove-probe"}}


class Registrations:
    """Ours, as it is in the cluster now, and those of the Go webhooks."""

    def __init__(self, control_plane: ControlPlane, others: Sequence[dict[str, Any]]) -> None:
        self._control_plane = control_plane
        self._all: list[tuple[str, dict[str, Any]]] = [(_VALIDATING, other) for other in others]
        # The one that the probe waits for comes last: what is in place is then all of them.
        self._all += [(path, self._read(f"{path}/{NAME}")) for path in (_MUTATING, _VALIDATING)]

    def take_away(self) -> None:
        """Delete them, and return when the API server acts on it: an agent's write passes."""
        for path, configuration in self._all:
            self._control_plane.raw("DELETE", f"{path}/{configuration['metadata']['name']}")
        wait_until(self._probe(lambda status: status in {201, 409}), "an agent's write passed without a webhook")

    def put_back(self) -> None:
        """Create those that are not there, and return when the API server acts on it: an agent's write is refused."""
        for path, configuration in self._all:
            status, answer = self._control_plane.raw("POST", path, configuration)
            if status not in {201, 409}:
                raise ClusterError(f"cannot register: {answer.get('message', status)}")
        wait_until(self._probe(lambda status: status == 403), "an agent's write was refused")

    def _read(self, path: str) -> dict[str, Any]:
        status, answer = self._control_plane.raw("GET", path)
        if status != 200:
            raise ClusterError(f"cannot read our registration: {answer.get('message', status)}")
        return answer | {"metadata": {"name": answer["metadata"]["name"]}}

    def _probe(self, is_so: Callable[[int], bool]) -> Callable[[], bool]:
        path = f"/api/v1/namespaces/{plan.NAMESPACE}/configmaps"
        return lambda: is_so(self._control_plane.raw("POST", path, _PROBE, as_=plan.AGENT)[0])


def go_webhook(name: str, *, url: str, ca: str, username: str) -> dict[str, Any]:
    """Return a ValidatingWebhookConfiguration as ours is, for the writes of one user."""
    condition = f"has(request.userInfo.username) && request.userInfo.username == {cel_literal(username)}"
    webhook = {
        "name": f"{name}.bench.invalid",
        "clientConfig": {"url": f"{url}/", "caBundle": ca},
        "rules": [
            {
                "apiGroups": ["*"],
                "apiVersions": ["*"],
                "resources": ["*/*"],
                "scope": "*",
                "operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"],
            }
        ],
        "matchConditions": [{"name": "user", "expression": condition}],
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "sideEffects": "NoneOnDryRun",
        "timeoutSeconds": TIMEOUT_SECONDS,
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**kind, "metadata": {"name": f"bench-{name}"}, "webhooks": [webhook]}
