"""`kubectl get ma` tells who asked for what; `kubectl get all` does not list approvals."""

import pytest

from kubeapprove import resources
from tests.crd import samples
from tests.crd.conftest import Approvals

pytestmark = pytest.mark.cluster


def test_the_annotations_of_birth_fill_the_columns(approvals: Approvals) -> None:
    document = samples.approval("a", approvals.namespace)
    document["metadata"]["annotations"] = {
        resources.OPERATION_ANNOTATION: "UPDATE",
        resources.RESOURCE_ANNOTATION: "deployments.apps",
        resources.OBJECT_ANNOTATION: "web",
    }
    assert approvals.control_plane.raw("POST", approvals.path(), document)[0] == 201
    out = approvals.control_plane.kubectl("get", "ma", "-n", approvals.namespace, "--no-headers").stdout
    assert out.split()[:6] == ["a", "Pending", "UPDATE", "deployments.apps", "web", "agent"]


def test_discovery(approvals: Approvals) -> None:
    _, body = approvals.control_plane.raw("GET", "/apis/kubeapprove.io/v1alpha1")
    resource = next(entry for entry in body["resources"] if entry["name"] == "manifestapprovals")
    assert resource["shortNames"] == ["ma"]
    assert resource["namespaced"] is True
    assert "categories" not in resource
