"""
A moment is stored in one notation.

The API server compares what has the format date-time as moments: without this, the text of a decision's `at` could be
rewritten, and a signature over it would no longer fit.
"""

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

SAME_MOMENT = ["2026-01-31T09:00:00.500000+00:00", "2026-01-31T10:00:00.500000+01:00", "2026-01-31T09:00:00.5Z"]
STORED = "2026-01-31T09:00:00.500000Z"


@pytest.mark.parametrize("at", SAME_MOMENT)
def test_a_decision_is_not_rewritten(approvals: Approvals, at: str) -> None:
    assert approvals.create()[0] == 201
    assert approvals.patch(decisions={"alice": samples.decision(at=STORED)})[0] == 200
    assert "spec.decisions.alice.at" in refusal(approvals.patch(decisions={"alice": {"at": at}}))


@pytest.mark.parametrize("at", SAME_MOMENT)
def test_the_end_is_not_rewritten(approvals: Approvals, at: str) -> None:
    assert approvals.create(pendingUntil=STORED)[0] == 201
    assert "spec.pendingUntil" in refusal(approvals.patch(pendingUntil=at))


@pytest.mark.parametrize("at", SAME_MOMENT)
def test_a_claim_is_not_rewritten(approvals: Approvals, at: str) -> None:
    assert approvals.create()[0] == 201
    assert approvals.patch_status(claim=samples.claim(at=STORED))[0] == 200
    assert "status.claim.at" in refusal(approvals.patch_status(claim={"at": at}))
