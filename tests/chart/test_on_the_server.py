"""A real API server takes everything that the chart makes, and its Pods where Pod Security is restricted."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import yaml

from e2e.cluster.control_plane import ControlPlane
from tests.chart.helm import CHART, EVERYTHING, pod_templates, render

pytestmark = pytest.mark.cluster
RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}


@pytest.fixture(scope="module")
def place(control_plane: ControlPlane) -> Iterator[tuple[ControlPlane, str, str]]:
    """Return two restricted namespaces, of the release and of approvals, where our definitions are served."""
    control_plane.kubectl("apply", "--server-side", "--filename", str(CHART / "crds"))
    control_plane.kubectl("wait", "--for=condition=Established", "--filename", str(CHART / "crds"))
    system, approvals = f"chart-{uuid4().hex[:8]}", f"chart-{uuid4().hex[:8]}"
    for name in (system, approvals):
        namespace = {"metadata": {"name": name, "labels": RESTRICTED}}
        assert control_plane.raw("POST", "/api/v1/namespaces", namespace)[0] == 201
        for pod in pod_templates(render()).values():  # a Pod is refused without its account, on a dry run too
            account = {"metadata": {"name": pod["spec"]["serviceAccountName"]}}
            assert control_plane.raw("POST", f"/api/v1/namespaces/{name}/serviceaccounts", account)[0] == 201
    yield control_plane, system, approvals
    control_plane.kubectl("delete", "namespace", system, approvals, "--wait=false")


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_every_object_is_valid(place: tuple[ControlPlane, str, str], values: dict[str, Any]) -> None:
    control_plane, system, approvals = place
    objects = render({**values, "approvalsNamespace": approvals}, system)
    for one in objects:  # as Helm does, where a template names none
        if one["kind"] in NAMESPACED:
            one["metadata"].setdefault("namespace", system)
    manifest = yaml.safe_dump_all(objects)
    done = control_plane.kubectl(
        "apply", "--dry-run=server", "--validate=strict", "--filename=-", input=manifest, check=False
    )
    assert done.returncode == 0, done.stderr
    warnings = done.stderr.splitlines()
    assert [
        line for line in warnings if "missing the kubectl.kubernetes.io/last-applied-configuration" not in line
    ] == []
    assert len(done.stdout.splitlines()) == len(objects)


NAMESPACED = {
    *("ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Service", "Deployment", "Job", "Pod"),
    *("PodDisruptionBudget", "NetworkPolicy"),
}


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_pods_are_restricted(place: tuple[ControlPlane, str, str], values: dict[str, Any]) -> None:
    control_plane, system, _ = place
    pods = pod_templates(render(values, system))
    assert len(pods) == 5
    for name, template in pods.items():
        pod = {"metadata": {"name": name, "labels": template["metadata"]["labels"]}, "spec": template["spec"]}
        pod["spec"].setdefault("restartPolicy", "Always")
        code, answer = control_plane.raw("POST", f"/api/v1/namespaces/{system}/pods?dryRun=All", pod)
        assert code == 201, answer


def test_namespace_is_really_restricted(place: tuple[ControlPlane, str, str]) -> None:
    control_plane, system, _ = place
    pod = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    code, answer = control_plane.raw("POST", f"/api/v1/namespaces/{system}/pods?dryRun=All", pod)
    assert (code, "violates PodSecurity" in answer["message"]) == (403, True)
