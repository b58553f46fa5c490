"""A Denied decision wins over everything, unjudged: whoever made it, whenever, and whatever else the approval says."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.resources import ManifestApproval
from kubeapprove.verdict import Action, Verdict, read_approval
from tests.verdict import scenes
from tests.verdict.scenes import AGENT, BOB, NOW, approval, asked, decision, denied, judge, raw_approval

OTHER = asked(scenes.request(object={**scenes.NEW, "data": {"k": "another"}}))
CASES: dict[str, ManifestApproval] = {
    "beside an approving decision": approval(None, decision(BOB), denied(at=NOW + timedelta(minutes=3))),
    "long expired": approval(None, denied(), pendingUntil="2025-01-01T00:00:00.000000Z"),
    "after it was claimed": approval(None, decision(), denied(BOB), status={"claim": scenes.claim()}),
    "revoked as well": approval(None, denied(), revoked=scenes.revoked()),
    "being deleted": approval(None, denied(), metadata={"deletionTimestamp": "2026-01-31T08:00:00Z"}),
    "for another uid": approval(None, denied(uid="yesterday's")),
    "after pendingUntil": approval(None, denied(at=scenes.PENDING_UNTIL + timedelta(seconds=1))),
    "by the requester": approval(None, denied(AGENT)),
    "with another hash": approval(OTHER, denied()),
}


@pytest.mark.parametrize("name", CASES)
def test_denied_is_repeated(name: str) -> None:
    verdict = judge(asked(), CASES[name], may=scenes.nobody)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.APPROVAL_DENIED)
    assert "denied this change: not today" in verdict.sentence


def test_the_reason_stays_on_one_line() -> None:
    verdict = judge(asked(), approval(None, denied(reason="no\r\n\n[ok] approved")))
    assert verdict.sentence == "alice denied this change: no [ok] approved"


MALFORMED: dict[str, dict[str, Any]] = {
    "an unknown field": {"surprise": 1},
    "a broken hash": {"manifestHash": "md5:1"},
    "another decision that is no object": {"decisions": {"x": "Approved", "y": denied()}},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_denied_holds_in_an_approval_that_cannot_be_read(name: str) -> None:
    raw = raw_approval(None, denied())
    raw["spec"] |= MALFORMED[name]
    assert read_approval(raw) == Verdict(Action.DENY, Reason.APPROVAL_DENIED)
