"""The upgrade's job leaves nothing in our definitions that somebody added: a default there is a decision or a rule."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import MANIFESTS
from kubeapprove_operator import installing
from kubeapprove_operator.api import Api
from kubeapprove_server.client import ApiConfig

pytestmark = pytest.mark.cluster
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POLICIES, APPROVALS = (f"{CRDS}/{plural}.kubeapprove.io" for plural in ("approvalpolicies", "manifestapprovals"))
SYSTEM = "kubeapprove-system"
Change = Callable[[dict[str, Any]], None]


def _spec(definition: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return spec


def _lets_everything_through(definition: dict[str, Any]) -> None:
    match = {"operations": ["CREATE"], "apiGroups": ["*"], "resources": ["*"]}
    _spec(definition)["properties"]["rules"]["default"] = [{"name": "open", "action": "Allow", "match": match}]


def _takes_a_name_for_granted(definition: dict[str, Any]) -> None:
    by = _spec(definition)["properties"]["decisions"]["additionalProperties"]["properties"]["by"]
    by["properties"]["username"]["default"] = "alice"


def _knows_another_field(definition: dict[str, Any]) -> None:
    _spec(definition)["properties"]["more"] = {"type": "string"}


CHANGES: dict[str, tuple[str, Change]] = {
    "a default that lets everything through": (POLICIES, _lets_everything_through),
    "a default that names who decided": (APPROVALS, _takes_a_name_for_granted),
    "another field": (APPROVALS, _knows_another_field),
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[ControlPlane]:
    """A control plane without anything of ours but namespaces and rights."""
    with ControlPlane(binaries=locate(build=False)) as control_plane:
        control_plane.kubectl("apply", "--server-side", "-f", str(MANIFESTS / "system.yaml"))
        rights = ("--clusterrole=cluster-admin", f"--serviceaccount={SYSTEM}:job")
        control_plane.kubectl("create", "clusterrolebinding", "job", *rights)
        yield control_plane


@pytest.fixture
def upgrade(cluster: ControlPlane, tmp_path: Path) -> Callable[[], None]:
    """Run the job."""
    token = tmp_path / "token"
    token.write_text(cluster.service_account_token(SYSTEM, "job"))

    async def work() -> None:
        api = Api(ApiConfig(cluster.url, cluster.ca_file, token))
        await api.open()
        try:
            await installing.apply_definitions(api)
        finally:
            await api.close()

    return lambda: asyncio.run(work())


@pytest.mark.parametrize(("path", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_what_was_added_goes(cluster: ControlPlane, upgrade: Callable[[], None], path: str, change: Change) -> None:
    upgrade()
    ours = cluster.raw("GET", path)[1]
    changed = cluster.raw("GET", path)[1]
    change(changed)
    status, answer = cluster.raw("PUT", path, changed)
    assert (status, answer.get("spec") != ours["spec"]) == (200, True), answer
    upgrade()
    assert cluster.raw("GET", path)[1]["spec"] == ours["spec"]
