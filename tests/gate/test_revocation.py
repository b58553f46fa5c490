"""A revoked or deleted approval is not usable from that moment on (C071, C077)."""

import pytest

from tests.gate.asking import AS_WEBHOOK, Place, asked, refusal

pytestmark = pytest.mark.cluster


def test_revoked(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.patch_approval(waiting, {"spec": {"revoked": {"reason": "wait"}}}, as_="bob")[0] == 200
    again = asked(place.ask())
    assert (again.reason, again.approval) == ("ApprovalRequired", waiting.approval)
    assert "revoked" in again.message
    previous = place.approval(again)["spec"]["previous"]
    assert (previous["outcome"], previous["by"], previous["reason"]) == ("Revoked", ["bob"], "wait")
    assert not place.exists("configmaps", "web")


def test_deleted(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.delete("manifestapprovals", waiting.name, as_="admin")[0] == 200
    assert asked(place.ask()).reason == "ApprovalRequired"


def test_deleted_while_a_foreign_finalizer_keeps_it(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    held = {"metadata": {"finalizers": ["example.org/hold"]}}
    assert place.patch_approval(waiting, held, as_="admin", headers=AS_WEBHOOK)[0] == 200
    assert place.delete("manifestapprovals", waiting.name, as_="admin")[0] == 200
    assert "deletionTimestamp" in place.approval(waiting)["metadata"]
    for _ in range(2):
        assert refusal(place.ask()).reason == "ApprovalRevoked"
    assert not place.exists("configmaps", "web")
    assert place.patch_approval(waiting, {"metadata": {"finalizers": None}}, as_="admin")[0] == 200
    assert asked(place.ask()).reason == "ApprovalRequired"


def test_nobody_decides_on_one_that_is_being_deleted(place: Place) -> None:
    """The stamp and the guard see it: a controller that holds `*` would deny in somebody's name, and the agent read it."""
    robot = place.robot()
    waiting = asked(place.ask())
    held = {"metadata": {"finalizers": ["example.org/hold"]}}
    assert place.patch_approval(waiting, held, as_="admin", headers=AS_WEBHOOK)[0] == 200
    assert place.delete("manifestapprovals", waiting.name, as_=robot)[0] == 200
    said = {"by": {"username": "alice", "uid": "", "extra": {}}, "groups": [], "at": "2026-01-31T08:00:00.000000Z"}
    assert refusal(place.decide(waiting, as_=robot, key="robot", verdict="Denied", **said)).reason == "NotADecider"
    assert refusal(place.decide(waiting, as_="alice", verdict="Denied")).reason == "NotADecision"
    assert refusal(place.ask()).reason == "ApprovalRevoked"
    assert place.patch_approval(waiting, {"metadata": {"finalizers": None}}, as_=robot)[0] == 200
    assert asked(place.ask()).reason == "ApprovalRequired"
