"""What a managed cluster adds to every registration is taken out again, and what asks it not to is kept (C100)."""

import json
from typing import Any

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import JSON_PATCH

pytestmark = pytest.mark.cluster
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1"
PATHS = {
    "validating": f"{REGISTRATIONS}/validatingwebhookconfigurations/kubeapprove",
    "mutating": f"{REGISTRATIONS}/mutatingwebhookconfigurations/kubeapprove",
}
MARK = {"admissions.enforcer/disabled": "true"}
# As AKS' admissions enforcer adds them where nothing asks it not to.
EXEMPTIONS = {
    "matchExpressions": [
        {"key": "control-plane", "operator": "NotIn", "values": ["true"]},
        {"key": "kubernetes.azure.com/managedby", "operator": "NotIn", "values": ["aks"]},
    ]
}


def read(gated: Gated, kind: str) -> dict[str, Any]:
    """Return the configuration as it is stored."""
    status, answer = gated.control_plane.raw("GET", PATHS[kind])
    assert status == 200, answer
    return dict(answer)


def annotations(gated: Gated, kind: str) -> dict[str, str]:
    """Return what annotates it."""
    return dict(read(gated, kind)["metadata"].get("annotations", {}))


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("kind", PATHS)
def test_asked_to_leave_it_as_it_is(gated: Gated, kind: str) -> None:
    assert annotations(gated, kind).items() >= MARK.items()


@pytest.mark.parametrize("kind", PATHS)
def test_the_annotation_comes_back_without_an_alarm(gated: Gated, operator: Operator, kind: str) -> None:
    before, repairs = read(gated, kind), operator.metric("kubeapprove_registration_repairs_total")
    without = [{"op": "replace", "path": "/metadata/annotations", "value": {"theirs": "stays"}}]
    assert gated.control_plane.raw("PATCH", PATHS[kind], without, headers=JSON_PATCH)[0] == 200
    wait_until(lambda: annotations(gated, kind).items() >= MARK.items(), "the annotation was there again", 5)
    assert annotations(gated, kind)["theirs"] == "stays"
    assert read(gated, kind)["webhooks"] == before["webhooks"]
    assert operator.metric("kubeapprove_registration_repairs_total") == repairs


@pytest.mark.usefixtures("operator")
def test_exemptions_by_a_label_are_taken_out_and_told(gated: Gated) -> None:
    kubectl, before = gated.control_plane.kubectl, read(gated, "validating")
    exempting = [{"op": "replace", "path": "/webhooks/0/namespaceSelector", "value": EXEMPTIONS}]
    manager = "--field-manager=admissionsenforcer"
    what = ("validatingwebhookconfigurations", "kubeapprove", "--type=json", manager)
    kubectl("patch", *what, f"--patch={json.dumps(exempting)}")
    wait_until(lambda: read(gated, "validating")["webhooks"] == before["webhooks"], "the exemptions were gone", 5)

    def told() -> str:
        return kubectl("get", "events", "-n", "default", "-o", "jsonpath={.items[*].message}").stdout

    wait_until(
        lambda: "settings in namespaceSelector, last written by admissionsenforcer, so agents may have" in told(),
        "an Event told it",
    )
