"""The registration is applied at start and repaired within seconds, whatever was done to it and by whom."""

import json
from typing import Any

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import JSON_PATCH, Answer

pytestmark = pytest.mark.cluster
VALIDATING = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"
MUTATING = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/kubeapprove"
EXEMPT = {"matchLabels": {"exempt": "true"}}
NEVER = {"name": "never", "expression": "false"}
EDITS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "fails open": (VALIDATING, [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]),
    "a namespace exempt": (VALIDATING, [{"op": "replace", "path": "/webhooks/0/namespaceSelector", "value": EXEMPT}]),
    "objects exempt": (VALIDATING, [{"op": "replace", "path": "/webhooks/0/objectSelector", "value": EXEMPT}]),
    "a condition more": (VALIDATING, [{"op": "add", "path": "/webhooks/0/matchConditions/-", "value": NEVER}]),
    "no conditions": (VALIDATING, [{"op": "remove", "path": "/webhooks/0/matchConditions"}]),
    "fewer operations": (
        VALIDATING,
        [{"op": "replace", "path": "/webhooks/0/rules/0/operations", "value": ["CREATE"]}],
    ),
    "another address": (
        VALIDATING,
        [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://127.0.0.1:1/x"}],
    ),
    "another CA": (VALIDATING, [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]),
    "the guard gone": (VALIDATING, [{"op": "remove", "path": "/webhooks/1"}]),
    "a webhook more": (
        MUTATING,
        [
            {"op": "copy", "from": "/webhooks/0", "path": "/webhooks/1"},
            {"op": "replace", "path": "/webhooks/1/name", "value": "other.kubeapprove.io"},
        ],
    ),
    "no webhook": (MUTATING, [{"op": "remove", "path": "/webhooks"}]),
    "stamps once": (MUTATING, [{"op": "replace", "path": "/webhooks/0/reinvocationPolicy", "value": "Never"}]),
}


def read(gated: Gated, path: str) -> Answer:
    """Return the configuration as it is stored."""
    return gated.control_plane.raw("GET", path)


def is_as_before(gated: Gated, path: str, before: Any) -> bool:
    """Whether its webhooks are what they were."""
    status, answer = read(gated, path)
    return status == 200 and answer.get("webhooks") == before["webhooks"]


@pytest.mark.parametrize("scenario", EDITS)
def test_changed(gated: Gated, operator: Operator, scenario: str) -> None:
    path, patch = EDITS[scenario]
    before, repairs = read(gated, path)[1], operator.metric("kubeapprove_registration_repairs_total")
    status, changed = gated.control_plane.raw("PATCH", path, patch, headers=JSON_PATCH)
    assert status == 200, changed
    assert changed.get("webhooks") != before["webhooks"]
    wait_until(lambda: is_as_before(gated, path, before), "the registration was repaired", 5)
    wait_until(lambda: operator.metric("kubeapprove_registration_repairs_total") > repairs, "the repair was counted")


@pytest.mark.parametrize("path", [VALIDATING, MUTATING], ids=["validating", "mutating"])
def test_deleted(gated: Gated, operator: Operator, path: str) -> None:
    before, repairs = read(gated, path)[1], operator.metric("kubeapprove_registration_repairs_total")
    assert gated.control_plane.raw("DELETE", path)[0] == 200
    wait_until(lambda: is_as_before(gated, path, before), "the registration was there again", 5)
    wait_until(lambda: operator.metric("kubeapprove_registration_repairs_total") > repairs, "the repair was counted")


def test_deleted_while_the_operator_was_down(gated: Gated, operator: Operator) -> None:
    before = read(gated, VALIDATING)[1]
    operator.stop()
    assert gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
    operator.start()
    assert is_as_before(gated, VALIDATING, before)
    told = gated.control_plane.kubectl("get", "events", "-n", "default", "-o", "jsonpath={.items[*].message}")
    assert "the registration was not there, so agents may have passed until now" in told.stdout
    assert operator.metric("kubeapprove_registration_repairs_total") == 1


def test_told_as_an_event_that_names_who_wrote_last(gated: Gated, operator: Operator) -> None:
    before = read(gated, VALIDATING)[1]
    patch = json.dumps({"metadata": {"labels": {"a": "b"}}, "webhooks": []})
    kubectl = gated.control_plane.kubectl
    kubectl("patch", "validatingwebhookconfigurations", "kubeapprove", "--type=merge", "-p", patch)
    wait_until(lambda: is_as_before(gated, VALIDATING, before), "the registration was repaired", 5)

    def told() -> str:
        return kubectl("get", "events", "-n", "default", "-o", "jsonpath={.items[*].message}").stdout

    wait_until(
        lambda: (
            "differed from policies and settings in which webhooks there are, last written by kubectl-patch, so agents may have "
            "passed" in told()
        ),
        "an Event told it",
    )
    assert operator.is_running
    assert read(gated, VALIDATING)[1]["metadata"]["labels"] == {"a": "b"}, "what exempts nobody is left alone"


@pytest.mark.usefixtures("operator")
def test_somebody_elses_registration_is_left_alone(gated: Gated) -> None:
    other = VALIDATING.rpartition("/")[0] + "/other"
    body = {"metadata": {"name": "other"}, "webhooks": []}
    assert gated.control_plane.raw("POST", VALIDATING.rpartition("/")[0], body)[0] == 201
    before = read(gated, VALIDATING)[1]
    assert gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
    wait_until(lambda: is_as_before(gated, VALIDATING, before), "the registration was there again", 5)
    status, answer = gated.control_plane.raw("DELETE", other)
    assert (status, answer["status"]) == (200, "Success")
