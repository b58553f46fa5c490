"""A review covers the glass that was broken before it, on whatever replica's clock: stamps that would say otherwise are refused."""

from datetime import timedelta

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send, with_spec
from tests.verdict.scenes import ALICE, BOB, NOW, decision, raw_approval

SECOND = timedelta(seconds=1)
BROKEN = raw_approval(None, decision(ALICE, NOW, breakGlass=True))


def test_a_review_before_what_it_reviews_is_refused() -> None:
    reviewed = with_spec(BROKEN, acknowledgements={"bob": {"reason": "looked at it"}})
    judgement = send(BROKEN, reviewed, BOB, now=NOW - SECOND)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "is behind another's; try again in a minute" in judgement.sentence
    assert send(BROKEN, reviewed, BOB, now=NOW + SECOND).write is Write.ACKNOWLEDGEMENT


def test_glass_broken_after_a_review_is_stamped_after_it() -> None:
    who = decision(BOB)["by"]
    word = {"by": who, "at": decision(BOB, NOW + SECOND)["at"], "reason": "looked at it"}
    reviewed = with_spec(BROKEN, acknowledgements={"bob": word})
    again = deciding(reviewed, {**ENTRY, "breakGlass": True})
    assert send(reviewed, again, BOB, now=NOW + SECOND).write is Write.REFUSED
    assert send(reviewed, again, BOB, now=NOW + 2 * SECOND).write is Write.DECISION
