"""The chart's jobs on a real API server: definitions brought to this version, the registration taken away, twice each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import MANIFESTS
from kubeapprove.crd import custom_resource_definition
from kubeapprove.policycrd import custom_resource_definition as policy_definition
from kubeapprove.registration import Endpoint, render_registration
from kubeapprove.settings import Settings
from kubeapprove_operator import installing
from kubeapprove_operator.api import Api
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import ApiError, StartupError

pytestmark = pytest.mark.cluster
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SYSTEM = "kubeapprove-system"
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1"
Job = Callable[[Api], Awaitable[None]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[ControlPlane]:
    """A control plane without anything of ours but namespaces and rights."""
    with ControlPlane(binaries=locate(build=False)) as control_plane:
        control_plane.kubectl("apply", "--server-side", "-f", str(MANIFESTS / "system.yaml"))
        yield control_plane


@pytest.fixture
def run(cluster: ControlPlane, tmp_path: Path) -> Callable[[Job], None]:
    """Run a job as a ServiceAccount that may do everything: the chart's own rights are tried with the chart."""
    token = tmp_path / "token"
    token.write_text(cluster.service_account_token(SYSTEM, "job"))
    rights = ("--clusterrole=cluster-admin", f"--serviceaccount={SYSTEM}:job")
    cluster.kubectl("create", "clusterrolebinding", "job", *rights, check=False)

    async def work(job: Job) -> None:
        api = Api(ApiConfig(cluster.url, cluster.ca_file, token))
        await api.open()
        try:
            await job(api)
        finally:
            await api.close()

    return lambda job: asyncio.run(work(job))


def versions(cluster: ControlPlane) -> dict[str, str]:
    """The resourceVersion of each of our definitions."""
    items = cluster.raw("GET", CRDS)[1]["items"]
    return {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in items}


def test_definitions_are_made_kept_and_brought_back(cluster: ControlPlane, run: Callable[[Job], None]) -> None:
    run(installing.apply_definitions)
    made = versions(cluster)
    assert set(made) == {one()["metadata"]["name"] for one in (custom_resource_definition, policy_definition)}
    run(installing.apply_definitions)
    assert versions(cluster) == made
    name = policy_definition()["metadata"]["name"]
    old = {"spec": {"versions": [policy_definition()["spec"]["versions"][0] | {"additionalPrinterColumns": []}]}}
    status, answer = cluster.raw("PATCH", f"{CRDS}/{name}", old)
    assert status == 200, answer
    run(installing.apply_definitions)
    stored = cluster.raw("GET", f"{CRDS}/{name}")[1]["spec"]["versions"][0]["additionalPrinterColumns"]
    assert [column["name"] for column in stored] == ["Mode", "Valid", "Enforced", "Age"]


def test_the_registration_goes_and_before_it_who_would_write_it_again(
    cluster: ControlPlane, run: Callable[[Job], None]
) -> None:
    container = {"name": "operator", "image": "none"}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}}
    deployment = {
        "metadata": {"name": "kubeapprove-operator"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    deployments = f"/apis/apps/v1/namespaces/{SYSTEM}/deployments"
    assert cluster.raw("POST", deployments, deployment)[0] == 201
    for one in render_registration(Settings(), [], Endpoint("path", "", "https://127.0.0.1:1")):
        plural = one["kind"].lower() + "s"
        status, answer = cluster.raw("POST", f"{REGISTRATIONS}/{plural}", one)
        assert status == 201, answer
    for _ in range(2):
        run(lambda api: installing.unregister(api, SYSTEM))
        assert cluster.raw("GET", f"{deployments}/kubeapprove-operator")[0] == 404
        for plural in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
            assert cluster.raw("GET", f"{REGISTRATIONS}/{plural}/kubeapprove")[0] == 404


def test_where_nothing_is_gated_the_sneak_gets_through_and_says_so(
    run: Callable[[Job], None],
) -> None:
    with pytest.raises(StartupError, match="in vain until the gate refused this agent's ConfigMap"):
        run(lambda api: installing.sneak(api, "default", patience=1.0))


def test_without_rights_a_job_ends_with_the_reason(cluster: ControlPlane, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(cluster.service_account_token(SYSTEM, "nobody"))

    async def work() -> None:
        api = Api(ApiConfig(cluster.url, cluster.ca_file, token))
        await api.open()
        try:
            await installing.apply_definitions(api)
        finally:
            await api.close()

    with pytest.raises(ApiError, match="get definition: the API server answered 403 Forbidden"):
        asyncio.run(work())
