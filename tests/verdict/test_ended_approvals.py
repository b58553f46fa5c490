"""What is missing, expired, spent, revoked or of something else is asked for again; what is being deleted cannot be."""

from datetime import datetime

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.resources import ManifestApproval, Phase
from kubeapprove.verdict import Action
from tests.verdict import scenes
from tests.verdict.scenes import HOUR, MINUTE, NOW, PENDING_UNTIL, approval, asked, decision, judge

CASES: dict[str, tuple[ManifestApproval | None, datetime, Phase | None]] = {
    "never asked": (None, NOW, None),
    "nobody decided in time": (approval(), PENDING_UNTIL + MINUTE, Phase.EXPIRED),
    "approved and not used in time": (approval(None, decision()), NOW + HOUR + MINUTE, Phase.EXPIRED),
    "decided by nobody who counts, in no time": (
        approval(None, decision(scenes.AGENT)),
        PENDING_UNTIL + MINUTE,
        Phase.EXPIRED,
    ),
    "spent": (
        approval(None, decision(), status={"claim": scenes.claim(objectVersion="40")}),
        NOW + MINUTE,
        Phase.CONSUMED,
    ),
    "claimed, and no decision counts now": (approval(status={"claim": scenes.claim()}), NOW + MINUTE, Phase.CONSUMED),
    "revoked": (approval(None, decision(), revoked=scenes.revoked()), NOW, Phase.REVOKED),
    "revoked before any decision": (approval(revoked=scenes.revoked()), NOW, Phase.REVOKED),
}


@pytest.mark.parametrize("name", CASES)
def test_is_asked_for_again(name: str) -> None:
    of, now, ended = CASES[name]
    verdict = judge(asked(), of, now)
    assert (verdict.action, verdict.reason, verdict.ended) == (Action.ASK, Reason.APPROVAL_REQUIRED, ended)


def test_being_deleted_is_refused_as_revoked() -> None:
    """C077: its name is taken for as long as somebody's finalizer keeps it."""
    of = approval(
        None, decision(), metadata={"deletionTimestamp": "2026-01-31T08:59:59Z", "finalizers": ["example.com/keep"]}
    )
    verdict = judge(asked(), of)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.APPROVAL_REVOKED)
    assert "being deleted" in verdict.sentence


def test_waiting_is_refused_as_pending() -> None:
    verdict = judge(asked(), approval(), PENDING_UNTIL)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.APPROVAL_PENDING)
    assert verdict.sentence == "this change has been asked for and nobody has decided yet"


def test_the_phase_in_the_status_says_nothing() -> None:
    assert judge(asked(), approval(status={"phase": "Approved"})).action is Action.DENY
    assert judge(asked(), approval(None, decision(), status={"phase": "Expired"})).action is Action.CLAIM


def test_an_approval_without_a_status_is_judged() -> None:
    assert judge(asked(), approval(None, decision(), status=None)).action is Action.CLAIM
