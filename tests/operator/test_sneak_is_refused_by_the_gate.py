"""`helm test`'s agent is content with refusals by the gate alone: each try reaches it, and none is let through unseen."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from e2e.gated.gated import Gated
from e2e.gated.policies import policy, rule
from kubeapprove_operator import installing
from kubeapprove_operator.api import Api
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import StartupError
from tests.chart.helm import only, render
from tests.gate.asking import NO_WRITE_OF_AGENTS, Place
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
ACCOUNT = "kubeapprove-sneak"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/{}"
Sneak = Callable[[], list[str]]


@pytest.fixture
def sneak(place: Place, tmp_path: Path) -> Iterator[Sneak]:
    """Run it in a namespace of its own with the rights of the chart; yields the reasons that it got."""
    token, namespace = tmp_path / "token", place.namespace
    token.write_text(place.cp.service_account_token(namespace, ACCOUNT))
    granted(place, only(render(), "Role", ACCOUNT)["rules"])

    async def work() -> None:
        api = Api(ApiConfig(place.cp.url, place.cp.ca_file, token))
        await api.open()
        try:
            await installing.sneak(api, namespace, patience=20.0)
        finally:
            await api.close()

    def run() -> list[str]:
        with capture_logs() as logs:
            asyncio.run(work())
        return [line["reason"] for line in logs if line["event"] == "refused"]

    yield run
    place.gated.delete({"metadata": {"name": ACCOUNT}})


def granted(place: Place, rules: list[Any]) -> None:
    """Give it a Role of these rules."""
    role = {"metadata": {"name": ACCOUNT}, "rules": rules}
    assert place.cp.raw("POST", f"{RBAC.format(place.namespace)}/roles", role)[0] == 201
    rights = (f"--role={ACCOUNT}", f"--serviceaccount={place.namespace}:{ACCOUNT}", f"--namespace={place.namespace}")
    place.cp.kubectl("create", "rolebinding", ACCOUNT, *rights)


def gate(gated: Gated, namespace: str, *rules: Any) -> None:
    """Make it an agent."""
    gated.apply(policy(ACCOUNT, [{"kind": "ServiceAccount", "namespace": namespace, "name": ACCOUNT}], rules))


def test_the_gate_is_asked_about_each_try(place: Place, sneak: Sneak) -> None:
    gate(place.gated, place.namespace)
    *others, creation = sneak()
    assert others == ["ApprovalRequired", "ApprovalRequired", "NeverAllowed"]
    assert creation in NO_WRITE_OF_AGENTS


def test_what_is_let_through_and_there_already_is_no_refusal(place: Place, sneak: Sneak) -> None:
    what: dict[str, Any] = {
        "operations": ["CREATE"],
        "apiGroups": [""],
        "resources": ["configmaps"],
        "names": [ACCOUNT],
    }
    gate(place.gated, place.namespace, rule("open", "Allow", **what))
    place.given("configmaps", config_map(ACCOUNT))
    with pytest.raises(StartupError, match=r"^a ConfigMap got past the gate \(409 AlreadyExists is no answer of its\)"):
        sneak()


def test_what_rbac_refuses_was_never_judged(place: Place, sneak: Sneak) -> None:
    gate(place.gated, place.namespace)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]
    assert place.cp.raw("PATCH", f"{RBAC.format(place.namespace)}/roles/{ACCOUNT}", {"rules": rules})[0] == 200
    with pytest.raises(StartupError, match=r"^a token got past the gate \(Forbidden is no answer of its\)"):
        sneak()
