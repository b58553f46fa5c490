"""Approvals are created by the gate alone: not by people, agents or controllers, and never decided at birth (C068)."""

import pytest

from tests.gate.asking import AS_WEBHOOK, Answer, Place, asked, refusal

pytestmark = pytest.mark.cluster


def sample(place: Place, **fields: object) -> dict[str, object]:
    spec = place.approval(asked(place.ask()))["spec"]
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ManifestApproval",
        "metadata": {"name": "mine", "namespace": place.namespace},
        "spec": spec | fields,
        "status": {"phase": "Approved", "claim": {"requestUID": "1", "at": spec["pendingUntil"], "objectVersion": "1"}},
    }


def decided(place: Place) -> dict[str, object]:
    entry = {
        "for": "x",
        "verdict": "Approved",
        "reason": "",
        "by": {"username": "alice"},
        "groups": ["approvers"],
        "at": "2026-01-01T00:00:00.000000Z",
    }
    return sample(place, decisions={"alice": entry})


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_nobody_creates_one(place: Place, who: str) -> None:
    refused = refusal(place.create("manifestapprovals", sample(place), as_=who))
    assert refused.reason in {"NotADecision", "NeverAllowed"}
    assert not place.exists("manifestapprovals", "mine")


def test_no_controller_creates_one(place: Place) -> None:
    robot = place.robot()
    assert refusal(place.create("manifestapprovals", sample(place), as_=robot)).reason == "NotADecision"


def test_nobody_creates_a_decided_one(place: Place) -> None:
    status, answer = place.create("manifestapprovals", decided(place), as_="admin")
    assert status in {403, 422}, answer


def as_webhook(place: Place, body: object) -> Answer:
    return place.cp.raw("POST", place.path("manifestapprovals"), body, headers=AS_WEBHOOK)


def test_not_even_the_gate_creates_a_decided_one(place: Place) -> None:
    status, answer = as_webhook(place, decided(place))
    assert (status, "there is no decision at creation" in answer["message"]) == (422, True)


def test_a_status_at_creation_is_dropped(place: Place) -> None:
    status, answer = as_webhook(place, sample(place))
    assert (status, answer["status"]) == (201, {"phase": "Pending"})


def test_the_gate_is_the_manager_of_what_it_writes(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.ask()[0] == 201
    entries = place.approval(waiting)["metadata"]["managedFields"]
    ours = {entry.get("subresource", "") for entry in entries if entry["manager"] == "kubeapprove-webhook"}
    assert ours == {"", "status"}, entries
