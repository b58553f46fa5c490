"""Beside a decision people write nothing that counts: no status, no new finalizer or owner; labels are theirs."""

import pytest

from tests.gate.asking import AS_WEBHOOK, FRESH, Place, asked, refusal

pytestmark = pytest.mark.cluster


STATUS = {"status": {"phase": "Approved"}}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "00000000-0000-4000-8000-000000000000"}


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_status(place: Place, who: str) -> None:
    waiting = asked(place.ask())
    answer = place.patch("manifestapprovals", waiting.name, STATUS, as_=who, subresource="status")
    assert refusal(answer).reason in {"NotADecision", "NeverAllowed"}
    assert place.approval(waiting)["status"] == FRESH


def test_status_by_a_controller(place: Place) -> None:
    robot = place.robot()
    waiting = asked(place.ask())
    answer = place.patch("manifestapprovals", waiting.name, STATUS, as_=robot, subresource="status")
    assert refusal(answer).reason == "NotADecision"


def test_a_status_on_the_main_resource_is_dropped(place: Place) -> None:
    waiting = asked(place.ask())
    place.patch_approval(waiting, STATUS, as_="admin")
    assert place.approval(waiting)["status"] == FRESH
    assert asked(place.ask()).reason == "ApprovalPending"


@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_labels_and_annotations_change_freely(place: Place, where: str) -> None:
    waiting = asked(place.ask())
    for value in ("one", None):
        assert place.patch_approval(waiting, {"metadata": {where: {"example.org/team": value}}})[0] == 200


REFERENCES: dict[str, list[object]] = {"finalizers": ["example.org/hold"], "ownerReferences": [OWNER]}


@pytest.mark.parametrize("where", REFERENCES)
def test_references_only_go(place: Place, where: str) -> None:
    waiting = asked(place.ask())
    body = {"metadata": {where: REFERENCES[where]}}
    assert refusal(place.patch_approval(waiting, body, as_="admin")).reason == "NotADecision"
    assert place.patch_approval(waiting, body, as_="admin", headers=AS_WEBHOOK)[0] == 200
    # The garbage collector deletes what has an absent owner: it may be gone by now, by right.
    assert place.patch_approval(waiting, {"metadata": {where: None}}, as_="admin")[0] in {200, 404}


def test_a_label_may_come_with_a_decision(place: Place) -> None:
    waiting = asked(place.ask())
    uid = place.approval(waiting)["metadata"]["uid"]
    entry = {"for": uid, "verdict": "Approved", "reason": ""}
    body = {"metadata": {"labels": {"example.org/team": "one"}}, "spec": {"decisions": {"alice": entry}}}
    assert place.patch_approval(waiting, body)[0] == 200
    assert place.ask()[0] == 201
