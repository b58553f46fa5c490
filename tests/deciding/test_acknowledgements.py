"""The review of broken glass: one entry, stamped, by somebody else, whenever it is owed, and never altered."""

from typing import Any

import pytest

from kubeapprove.deciding import Judgement, Write
from kubeapprove.identity import UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.resources import format_time
from tests.deciding.writes import ENTRY, deciding, judge, send, with_spec, without, write
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, BOB, MINUTE, NOW, PENDING_UNTIL, claim, decision, denied, raw_approval, revoked

BROKEN = decision(ALICE, NOW - MINUTE, breakGlass=True)
OLD = raw_approval(None, BROKEN)
SAM = UserInfo("sam", "u-sam")
WORD = {"reason": "looked at it"}
STAMPED = {"by": decision(BOB)["by"], "at": format_time(NOW), "reason": "looked at it"}
OWED = {"uid": "u-0", "by": decision(ALICE)["by"], "at": format_time(NOW - MINUTE), "reason": "the shop"}


def acknowledging(approval: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    known = approval["spec"].get("acknowledgements", {})
    return with_spec(
        approval, acknowledgements={**known, **{f"new-{index}": entry for index, entry in enumerate(entries)}}
    )


TAKEN: dict[str, tuple[dict[str, Any], UserInfo, Any]] = {
    "while it is open": (OLD, BOB, NOW),
    "after it was used": (raw_approval(None, BROKEN, status={"claim": claim()}), BOB, NOW),
    "after it expired": (OLD, BOB, PENDING_UNTIL + 100 * MINUTE),
    "after it was denied": (raw_approval(None, BROKEN, denied(BOB)), BOB, NOW),
    "after it was revoked": (raw_approval(None, BROKEN, revoked=revoked(BOB)), BOB, NOW),
    "for the approval before": (
        raw_approval(previous={"uid": "u-0", "outcome": "Consumed", "owed": [OWED]}),
        BOB,
        NOW,
    ),
    "by one of two who broke it": (
        raw_approval(None, BROKEN, decision(SAM, NOW - MINUTE, breakGlass=True)),
        ALICE,
        NOW,
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_is_taken(name: str) -> None:
    old, user, now = TAKEN[name]
    judgement = send(old, acknowledging(old, WORD), user, now)
    assert (judgement.write, judgement.reason, judgement.verb) == (Write.ACKNOWLEDGEMENT, Reason.DECIDED, "approve")


def refused(judgement: Judgement, reason: Reason, sentence: str) -> None:
    assert (judgement.write, judgement.reason) == (Write.REFUSED, reason)
    assert sentence in judgement.sentence


def test_who_broke_it_does_not_review_it() -> None:
    for user in (ALICE, UserInfo("Alice"), UserInfo("al", "u-alice")):
        refused(send(OLD, acknowledging(OLD, WORD), user), Reason.NOT_A_DECIDER, "somebody else acknowledges")


@pytest.mark.parametrize("user", [scenes.AGENT, UserInfo("system:serviceaccount:a:b"), UserInfo("x", "u-agent")])
def test_who_never_decides_reviews_nothing(user: UserInfo) -> None:
    assert send(OLD, acknowledging(OLD, WORD), user).reason is Reason.NOT_A_DECIDER


def test_where_nothing_is_owed_nothing_is_taken() -> None:
    fresh, done = raw_approval(None, decision(ALICE)), with_spec(OLD, acknowledgements={"a": STAMPED})
    for old in (fresh, done):
        refused(send(old, acknowledging(old, WORD), SAM), Reason.NOT_A_DECISION, "no review is owed")


FORGED = {
    "in another's name": {**STAMPED, "by": decision(SAM)["by"]},
    "stale": {**STAMPED, "at": format_time(NOW - 2 * MINUTE)},
    "from the future": {**STAMPED, "at": format_time(NOW + 2 * MINUTE)},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_one(name: str) -> None:
    judgement = judge(write(OLD, acknowledging(OLD, FORGED[name]), BOB))
    refused(judgement, Reason.NOT_A_DECISION, "as the stamp writes them")


def test_the_stamp_overwrites_what_a_client_put_there() -> None:
    for forged in FORGED.values():
        assert send(OLD, acknowledging(OLD, forged), BOB).write is Write.ACKNOWLEDGEMENT


DONE = with_spec(OLD, acknowledgements={"a": STAMPED})
MORE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "two": (OLD, acknowledging(OLD, WORD, WORD), "not more"),
    "with a decision": (OLD, deciding(acknowledging(OLD, WORD), ENTRY), "not more"),
    "with the revocation": (OLD, with_spec(acknowledging(OLD, WORD), revoked={"reason": "no"}), "not more"),
    "altered": (DONE, with_spec(OLD, acknowledgements={"a": {**STAMPED, "reason": "other"}}), "never altered"),
    "removed": (DONE, without(DONE, "acknowledgements"), "never altered or removed"),
    "with the mark away that it is about": (OLD, without(acknowledging(OLD, WORD), "decisions"), "never altered"),
}


@pytest.mark.parametrize("name", MORE)
def test_it_is_one_and_stays(name: str) -> None:
    old, new, sentence = MORE[name]
    refused(send(old, new, BOB), Reason.NOT_A_DECISION, sentence)


def test_what_is_owed_for_the_approval_before_is_nobodys_to_take_away() -> None:
    old = raw_approval(previous={"uid": "u-0", "outcome": "Consumed", "owed": [OWED]})
    new = with_spec(old, previous={"uid": "u-0", "outcome": "Consumed"})
    refused(send(old, new, BOB), Reason.NOT_A_DECISION, "only decisions")
