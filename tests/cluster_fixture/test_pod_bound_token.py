"""A token of a Pod is its ServiceAccount's, says which Pod asks, and ends with it."""

from typing import Any

import pytest

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.waiting import wait_until
from tests.cluster_fixture.whoami import bearer

pytestmark = pytest.mark.cluster

PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture
def pod(control_plane: ControlPlane) -> dict[str, Any]:
    control_plane.service_account("default", "mounted")
    spec = {"serviceAccountName": "mounted", "containers": [{"name": "it", "image": "example.com/it"}]}
    status, made = control_plane.raw("POST", PODS, {"metadata": {"generateName": "mounted-"}, "spec": spec})
    assert status == 201, made
    return made


def test_it_names_the_pod(control_plane: ControlPlane, pod: dict[str, Any]) -> None:
    metadata = pod["metadata"]
    status, user = bearer(control_plane, control_plane.pod_bound_token("default", "mounted", metadata["name"]))
    assert (status, user["username"]) == (201, "system:serviceaccount:default:mounted")
    assert {"system:serviceaccounts", "system:serviceaccounts:default"} < set(user["groups"])
    assert user["extra"]["authentication.kubernetes.io/pod-name"] == [metadata["name"]]
    assert user["extra"]["authentication.kubernetes.io/pod-uid"] == [metadata["uid"]]
    assert len(user["extra"]["authentication.kubernetes.io/credential-id"]) == 1


def test_it_ends_with_the_pod(control_plane: ControlPlane, pod: dict[str, Any]) -> None:
    name = pod["metadata"]["name"]
    # The API server remembers a token that it accepted for 10 s: the second one is not shown to it before.
    first, second = (control_plane.pod_bound_token("default", "mounted", name) for _ in range(2))
    assert bearer(control_plane, first)[0] == 201
    control_plane.kubectl("delete", "pod", name, "--force", "--grace-period=0")
    wait_until(lambda: bearer(control_plane, second)[0] == 401, "the token is refused")


def test_no_pod_is_one_sentence(control_plane: ControlPlane) -> None:
    with pytest.raises(ClusterError, match=r'no Pod default/absent to bind a token to: pods "absent" not found'):
        control_plane.pod_bound_token("default", "mounted", "absent")


def test_pod_of_another_account_is_one_sentence(control_plane: ControlPlane, pod: dict[str, Any]) -> None:
    control_plane.service_account("default", "another")
    with pytest.raises(ClusterError, match=r"no token for ServiceAccount default/another: "):
        control_plane.pod_bound_token("default", "another", pod["metadata"]["name"])
