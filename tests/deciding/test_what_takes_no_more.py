"""A denied, spent, expired or revoked approval takes no more decisions; a revocation is taken until it is spent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send, with_spec, without
from tests.verdict import scenes
from tests.verdict.scenes import BOB, HOUR, NOW, PENDING_UNTIL, asked, claim, decision, denied, raw_approval, revoked

TICK = timedelta(microseconds=1)
CREATE = asked(scenes.create())
APPROVED = raw_approval(None, decision(BOB))
CASES: dict[str, tuple[dict[str, Any], datetime, str, bool]] = {
    "denied": (raw_approval(None, denied(BOB)), NOW, "is denied", False),
    "denied, whoever did": (raw_approval(None, denied(scenes.AGENT)), NOW, "is denied", False),
    "denied and expired": (raw_approval(None, denied(BOB)), PENDING_UNTIL + TICK, "is denied", False),
    "revoked": (raw_approval(None, revoked=revoked(BOB)), NOW, "is revoked", False),
    "being deleted": (raw_approval(metadata={"deletionTimestamp": "2026-01-31T08:00:00Z"}), NOW, "is revoked", False),
    "spent": (raw_approval(None, decision(BOB), status={"claim": claim()}), NOW, "has let its change through", False),
    "asked for too long ago": (raw_approval(), PENDING_UNTIL + TICK, "has expired", True),
    "approved too long ago": (APPROVED, NOW + HOUR + TICK, "has expired", True),
    "approved too long ago for what binds no uid": (
        raw_approval(CREATE, decision(BOB)),
        NOW + timedelta(minutes=5) + TICK,
        "has expired",
        True,
    ),
}


@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
@pytest.mark.parametrize("name", CASES)
def test_takes_no_decision(name: str, verdict: str) -> None:
    old, now, sentence, _ = CASES[name]
    judgement = send(old, deciding(old, {**ENTRY, "verdict": verdict}), now=now)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert sentence in judgement.sentence


@pytest.mark.parametrize("name", [name for name in CASES if name != "revoked"])
def test_takes_a_revocation_only_where_it_may_still_be_usable(name: str) -> None:
    """Who still holds the verb is not asked here: what looks expired by one decision may be alive by the next."""
    old, now, sentence, is_taken = CASES[name]
    judgement = send(old, with_spec(old, revoked={"reason": "no"}), now=now)
    assert (judgement.write is Write.REVOCATION) == is_taken
    assert (sentence in judgement.sentence) == (not is_taken)


LAST = {
    "undecided": (raw_approval(), PENDING_UNTIL),
    "approved": (APPROVED, NOW + HOUR),
    "approved, binding no uid": (raw_approval(CREATE, decision(BOB)), NOW + timedelta(minutes=5)),
}


@pytest.mark.parametrize("name", LAST)
def test_takes_one_at_the_last_moment(name: str) -> None:
    old, now = LAST[name]
    assert send(old, deciding(old, ENTRY), now=now).write is Write.DECISION


def test_takes_none_whose_writing_outlasts_the_asking() -> None:
    old = raw_approval()
    judgement = send(old, deciding(old, ENTRY), now=PENDING_UNTIL, later=TICK)
    assert "has expired" in judgement.sentence


REVOKED = raw_approval(None, revoked=revoked(BOB))
ALTERED = {
    "altered": with_spec(REVOKED, revoked={**revoked(BOB), "reason": "another"}),
    "in one's own name": with_spec(REVOKED, revoked=revoked()),
    "removed": without(REVOKED, "revoked"),
    "altered beside a decision": deciding(with_spec(REVOKED, revoked=revoked()), ENTRY),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_revocation_stays(name: str) -> None:
    judgement = send(REVOKED, ALTERED[name])
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "set once and stays" in judgement.sentence
