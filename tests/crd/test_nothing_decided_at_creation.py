"""No approval is born decided or revoked."""

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster


def test_a_decision_at_creation_is_refused(approvals: Approvals) -> None:
    answer = approvals.create(decisions={"alice": samples.decision()})
    assert "there is no decision at creation" in refusal(answer)


def test_an_empty_map_is_no_decision(approvals: Approvals) -> None:
    assert approvals.create(decisions={})[0] == 201
    assert approvals.patch(decisions={"alice": samples.decision()})[0] == 200


def test_a_revocation_at_creation_is_refused(approvals: Approvals) -> None:
    answer = approvals.create(revoked=samples.revoked())
    assert "not revoked at creation" in refusal(answer)


def test_server_side_apply_cannot_create_a_decided_one(approvals: Approvals) -> None:
    document = samples.approval("a", approvals.namespace, decisions={"alice": samples.decision()})
    code, body = approvals.control_plane.raw(
        "PATCH",
        approvals.path("a") + "?fieldManager=test",
        document,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    assert "there is no decision at creation" in refusal((code, body))
