"""The shared control plane: the version it claims, who may speak to it, and what each call returns."""

import json
import ssl
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from e2e.cluster.cache import kubernetes_version
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.identities import KNOWN

pytestmark = pytest.mark.cluster


def test_server_and_kubectl_are_the_version_we_promise(control_plane: ControlPlane) -> None:
    versions = json.loads(control_plane.kubectl("version", "-o", "json").stdout)
    expected = f"v{kubernetes_version()}"
    assert (versions["serverVersion"]["gitVersion"], versions["clientVersion"]["gitVersion"]) == (expected, expected)


@pytest.mark.parametrize("name", KNOWN)
def test_identity_is_who_it_says(control_plane: ControlPlane, name: str) -> None:
    username, groups = KNOWN[name]
    answer = json.loads(control_plane.kubectl("auth", "whoami", "-o", "json", as_=name).stdout)
    user = answer["status"]["userInfo"]
    assert user["username"] == username
    assert set(user["groups"]) == {*groups, "system:authenticated"}


def test_made_identity_is_known_by_its_username(control_plane: ControlPlane) -> None:
    control_plane.identity("dave@example.com", ["people", "night shift"])
    status, review = control_plane.raw(
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        as_="dave@example.com",
    )
    assert status == 201
    assert set(review["status"]["userInfo"]["groups"]) == {"people", "night shift", "system:authenticated"}


def test_unknown_identity_names_the_known_ones(control_plane: ControlPlane) -> None:
    with pytest.raises(ClusterError, match=r"no identity named 'mallory'.*agent2"):
        control_plane.kubeconfig("mallory")


def test_service_account_has_a_token_and_a_kubeconfig(control_plane: ControlPlane) -> None:
    path = control_plane.service_account("default", "robot")
    again = control_plane.service_account("default", "robot")
    assert path == again
    username = "system:serviceaccount:default:robot"
    answer = control_plane.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", as_=username)
    assert answer.stdout == username


def test_only_admin_has_rights(control_plane: ControlPlane) -> None:
    statuses = {name: control_plane.raw("GET", "/api/v1/secrets", as_=name)[0] for name in KNOWN}
    assert statuses == {name: 200 if name == "admin" else 403 for name in KNOWN}


def test_nobody_is_anonymous(control_plane: ControlPlane) -> None:
    context = ssl.create_default_context(cafile=control_plane.ca_file)
    with pytest.raises(HTTPError, match="401") as caught:
        urlopen(f"{control_plane.url}/version", context=context)  # noqa: S310 - https, and our own
    caught.value.close()


def test_failed_kubectl_says_what_and_as_whom(control_plane: ControlPlane) -> None:
    with pytest.raises(ClusterError, match=r"kubectl get secrets \(as carol\) exited with 1: .*forbidden"):
        control_plane.kubectl("get", "secrets", as_="carol")


def test_controllers_run(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "namespace", "collected")
    control_plane.kubectl("delete", "namespace", "collected", "--wait", "--timeout=30s")
    assert control_plane.raw("GET", "/api/v1/namespaces/collected")[0] == 404


def test_objects_survive_a_restart_of_the_api_server(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "configmap", "survivor", "--from-literal=a=b")
    control_plane.restart_apiserver()
    assert control_plane.raw("GET", "/api/v1/namespaces/default/configmaps/survivor")[1]["data"] == {"a": "b"}


def test_audit_log_has_each_request_once_and_no_body(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "configmap", "audited", "--from-literal=planted=value-in-the-body")
    end = time.monotonic() + 10
    lines: list[str] = []
    while not lines and time.monotonic() < end:
        text = control_plane.audit_log.read_text()
        lines = [line for line in text.splitlines() if '"name":"audited"' in line and '"verb":"create"' in line]
    assert [json.loads(line)["stage"] for line in lines] == ["ResponseComplete"]
    assert "value-in-the-body" not in control_plane.audit_log.read_text()
