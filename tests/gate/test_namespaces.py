"""No label exempts an agent, no namespace does, and a Namespace's approval outlives it (C019, C020, C023-C025)."""

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster


LABELS = {
    "admission.kubernetes.io/ignore": "true",
    "control-plane": "true",
    "kubeapprove.io/exempt": "true",
    "kubernetes.io/metadata.name": "kube-system",
}


@pytest.mark.parametrize("label", [name for name in LABELS if name != "kubernetes.io/metadata.name"])
def test_no_label_exempts(place: Place, label: str) -> None:
    labelled = {"metadata": {"labels": {label: LABELS[label]}}}
    namespace = f"/api/v1/namespaces/{place.namespace}"
    asked(place.cp.raw("PATCH", namespace, labelled, as_="agent"))
    assert place.cp.raw("PATCH", namespace, labelled)[0] == 200
    body = {"metadata": {"name": "web", "labels": {label: LABELS[label]}}}
    assert asked(place.create("configmaps", body)).reason == "ApprovalRequired"


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "default", "kubeapprove-approvals"])
def test_no_namespace_exempts(place: Place, namespace: str) -> None:
    elsewhere = Place(place.gated, namespace)
    name = place.namespace
    assert asked(elsewhere.create("configmaps", config_map(name))).namespace == namespace
    assert not elsewhere.exists("configmaps", name)


def test_create_and_delete_a_namespace(place: Place) -> None:
    name = f"{place.namespace}-new"
    create = {"metadata": {"name": name}}
    tries = [asked(place.cp.raw("POST", "/api/v1/namespaces", create, as_="agent")) for _ in range(2)]
    assert {one.namespace for one in tries} == {"kubeapprove-approvals"}
    assert tries[0].hash == tries[1].hash
    place.approve(tries[0])
    assert place.cp.raw("POST", "/api/v1/namespaces", create, as_="agent")[0] == 201
    path = f"/api/v1/namespaces/{name}"
    waiting = asked(place.cp.raw("DELETE", path, as_="agent"))
    assert waiting.namespace == "kubeapprove-approvals"
    place.approve(waiting)
    assert place.cp.raw("DELETE", path, as_="agent")[0] == 200
    wait_until(lambda: place.cp.raw("GET", path)[0] == 404, "the namespace was gone")
    assert place.approval(waiting)["status"]["phase"] == "Consumed"


def test_a_terminating_namespace_takes_no_new_approval(place: Place) -> None:
    place.given("configmaps", {"metadata": {"name": "web", "finalizers": ["example.org/hold"]}})
    blue, green = {"data": {"color": "blue"}}, {"data": {"color": "green"}}
    before = asked(place.patch("configmaps", "web", blue))
    held = {"metadata": {"finalizers": ["example.org/hold"]}}
    from tests.gate.asking import AS_WEBHOOK

    assert place.patch_approval(before, held, as_="admin", headers=AS_WEBHOOK)[0] == 200
    place.approve(before)
    path = f"/api/v1/namespaces/{place.namespace}"
    assert place.cp.raw("DELETE", path)[0] == 200
    wait_until(
        lambda: refusal(place.patch("configmaps", "web", green)).reason == "NamespaceTerminating",
        "a new request was refused for the namespace's end",
    )
    assert place.get("configmaps", "web").get("data") is None


def test_an_approval_from_before_works_in_a_terminating_namespace(place: Place) -> None:
    place.given("configmaps", {"metadata": {"name": "web", "finalizers": ["example.org/hold"]}})
    blue = {"data": {"color": "blue"}}
    waiting = asked(place.patch("configmaps", "web", blue))
    place.approve(waiting)
    place.cp.raw("PUT", f"/api/v1/namespaces/{place.namespace}/finalize", terminating(place))
    assert place.patch("configmaps", "web", blue)[0] == 200


def terminating(place: Place) -> dict[str, object]:
    status, namespace = place.cp.raw("GET", f"/api/v1/namespaces/{place.namespace}")
    assert status == 200
    return namespace
