"""One approver cannot fill an approval: the same again is not taken, and the last place is kept for a denial."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.identity import UserInfo
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send
from tests.verdict.scenes import ALICE, BOB, decision, raw_approval


def approved_by(*users: UserInfo) -> dict[str, Any]:
    return raw_approval(None, *(decision(user) for user in users))


def test_the_same_approval_again_is_refused() -> None:
    old = approved_by(ALICE)
    judgement = send(old, deciding(old, ENTRY), ALICE)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert judgement.sentence == "you approved this already, and one person counts once"


def test_with_another_group_it_may_count_now() -> None:
    old = approved_by(ALICE)
    judgement = send(old, deciding(old, ENTRY), UserInfo(ALICE.username, ALICE.uid, (*ALICE.groups, "more")))
    assert judgement.write is Write.DECISION
    assert judgement.warnings == ("you decided on this already, and one person counts once, whatever they add",)


def test_who_approved_may_still_deny() -> None:
    old = approved_by(ALICE)
    assert send(old, deciding(old, {**ENTRY, "verdict": "Denied"}), ALICE).write is Write.DECISION


def test_the_last_place_is_kept_for_a_denial() -> None:
    old = approved_by(*(UserInfo(f"u-{number}", f"id-{number}", ("off the list",)) for number in range(15)))
    refused = send(old, deciding(old, ENTRY), BOB)
    assert refused.write is Write.REFUSED
    assert "the last place is kept for a denial" in refused.sentence
    assert send(old, deciding(old, {**ENTRY, "verdict": "Denied"}), BOB).write is Write.DECISION


@pytest.mark.parametrize("reason", ["one\ntwo", "a\u2028b", "a\x1b[2K", "\u202eevil", "tab\there"])
def test_a_reason_stays_in_its_line(reason: str) -> None:
    old = raw_approval()
    judgement = send(old, deciding(old, {**ENTRY, "reason": reason}), BOB)
    assert judgement.write is Write.REFUSED
    assert judgement.sentence.startswith("a reason is one line")


@pytest.mark.parametrize("reason", ["", "वेब को बढ़ाओ", "ขยายเว็บ", "größer, bitte"])
def test_in_any_script(reason: str) -> None:
    old = raw_approval()
    assert send(old, deciding(old, {**ENTRY, "reason": reason}), BOB).write is Write.DECISION
