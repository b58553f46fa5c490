"""A decision stands for good: none is altered, none is removed, by whatever kind of write."""

from typing import Any

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

ALTERED: dict[str, dict[str, Any]] = {
    "verdict": {"verdict": "Denied"},
    "for": {"for": "another-uid"},
    "reason": {"reason": "other"},
    "by: username": {"by": {"username": "mallory"}},
    "by: uid": {"by": {"uid": "u-2"}},
    "by: uid removed": {"by": {"uid": None}},
    "by: an extra value": {"by": {"extra": {"kubeapprove.io/test": ["one"]}}},
    "by: an extra key more": {"by": {"extra": {"more": ["x"]}}},
    "by: an extra key swapped": {"by": {"extra": {"kubeapprove.io/test": None, "other": ["one", "two"]}}},
    "groups": {"groups": ["approvers"]},
    "groups in another order": {"groups": ["system:authenticated", "approvers"]},
    "at": {"at": "2026-01-31T09:00:00.123457Z"},
    "a signature added": {"signature": "-----BEGIN"},
    "break glass added": {"breakGlass": True},
    "break glass added as false": {"breakGlass": False},
}


@pytest.fixture
def decided(approvals: Approvals) -> Approvals:
    """Return a namespace with an approval that alice has decided on."""
    assert approvals.create()[0] == 201
    assert approvals.patch(decisions={"alice": samples.decision()})[0] == 200
    return approvals


@pytest.mark.parametrize("scenario", ALTERED)
def test_altering_is_refused(decided: Approvals, scenario: str) -> None:
    before = decided.get()
    assert "a decision is never altered" in refusal(decided.patch(decisions={"alice": ALTERED[scenario]}))
    assert decided.get() == before


@pytest.mark.parametrize(
    "decisions",
    [None, {"alice": None}, {"alice": None, "bob": samples.decision()}],
    ids=["the map removed", "the entry removed", "the key swapped"],
)
def test_removing_is_refused(decided: Approvals, decisions: dict[str, Any] | None) -> None:
    assert "a decision is never removed" in refusal(decided.patch(decisions=decisions))


@pytest.mark.parametrize("field", ["for", "verdict", "reason", "by", "groups", "at"])
def test_removing_a_field_is_refused(decided: Approvals, field: str) -> None:
    assert f"spec.decisions.alice.{field}: Required value" in refusal(decided.patch(decisions={"alice": {field: None}}))


def test_a_put_without_decisions_is_refused(decided: Approvals) -> None:
    document = decided.get()
    del document["spec"]["decisions"]
    answer = decided.control_plane.raw("PUT", decided.path("a"), document)
    assert "a decision is never removed" in refusal(answer)


def test_an_apply_that_lost_its_decision_is_refused(decided: Approvals) -> None:
    path, headers = decided.path("a") + "?fieldManager=git", {"Content-Type": "application/apply-patch+yaml"}
    document = samples.approval("a", decided.namespace)
    document["spec"] = {"decisions": {"git": samples.decision(verdict="Denied")}}
    assert decided.control_plane.raw("PATCH", path, document, headers=headers)[0] == 200
    del document["spec"]
    answer = decided.control_plane.raw("PATCH", path, document, headers=headers)
    assert "a decision is never removed" in refusal(answer)


def test_the_same_decision_again_is_no_offence(decided: Approvals) -> None:
    assert decided.patch(decisions={"alice": samples.decision()})[0] == 200


def test_a_second_person_decides(decided: Approvals) -> None:
    assert decided.patch(decisions={"bob": samples.decision(verdict="Denied")})[0] == 200
    assert sorted(decided.get()["spec"]["decisions"]) == ["alice", "bob"]


def test_two_in_one_write_are_left_to_the_guard(decided: Approvals) -> None:
    assert decided.patch(decisions={"bob": samples.decision(), "carol": samples.decision()})[0] == 200


def test_the_seventeenth_is_refused(approvals: Approvals) -> None:
    assert approvals.create()[0] == 201
    assert approvals.patch(decisions={f"d{n}": samples.decision() for n in range(16)})[0] == 200
    assert "must have at most 16 items" in refusal(approvals.patch(decisions={"d16": samples.decision()}))


def test_one_that_nobody_stamped_is_refused(approvals: Approvals) -> None:
    assert approvals.create()[0] == 201
    sent = {"for": "u", "verdict": "Approved", "reason": "fine"}
    message = refusal(approvals.patch(decisions={"alice": sent}))
    for field in ("by", "groups", "at"):
        assert f"spec.decisions.alice.{field}: Required value" in message
