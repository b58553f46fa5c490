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
    asked(place.patch("configmaps", "web", {"data": {"color": "blue"}}))
    assert place.cp.raw("DELETE", f"/api/v1/namespaces/{place.namespace}")[0] == 200

    def is_refused_for_good() -> bool:
        return refusal(place.patch("configmaps", "web", {"data": {"color": "green"}})).reason == "NamespaceTerminating"

    wait_until(is_refused_for_good, "a new request was refused for the namespace's end")
    # The namespace's controller deletes the approvals as well, and what is gone cannot be asked for again.
    wait_until(lambda: place.items("manifestapprovals") == [], "the approvals were gone")
    assert refusal(place.patch("configmaps", "web", {"data": {"color": "blue"}})).reason == "NamespaceTerminating"
    assert "data" not in place.get("configmaps", "web")
    place.changed("configmaps", "web", {"metadata": {"finalizers": None}})
