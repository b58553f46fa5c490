"""Revoked is for good."""

from typing import Any

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

EDITS: dict[str, Any] = {
    "removed": None,
    "another reason": {"reason": "other"},
    "another person": {"by": {"username": "alice"}},
    "another time": {"at": "2026-01-31T09:00:01.000000Z"},
    "a uid more": {"by": {"uid": "u"}},
}


@pytest.fixture
def revoked(approvals: Approvals) -> Approvals:
    assert approvals.create()[0] == 201
    assert approvals.patch(revoked=samples.revoked())[0] == 200
    return approvals


@pytest.mark.parametrize("scenario", EDITS)
def test_refused(revoked: Approvals, scenario: str) -> None:
    assert "revoked is set once" in refusal(revoked.patch(revoked=EDITS[scenario]))


def test_the_same_again_is_no_offence(revoked: Approvals) -> None:
    assert revoked.patch(revoked=samples.revoked())[0] == 200


@pytest.mark.parametrize("field", ["by", "at", "reason"])
def test_all_of_it_is_required(approvals: Approvals, field: str) -> None:
    assert approvals.create()[0] == 201
    half = samples.revoked()
    del half[field]
    assert f"spec.revoked.{field}: Required value" in refusal(approvals.patch(revoked=half))
