"""C070: one function says when an approval is over, for webhook, guard and everybody who shows it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.lifecycle import requirements_of, standing
from kubeapprove.requirements import Requirement
from kubeapprove.resources import ManifestApproval, Phase
from kubeapprove.verdict import Action
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, BOB, HOUR, MINUTE, NOW, PENDING_UNTIL, approval, asked, decision, judge

TICK = timedelta(microseconds=1)
CREATE = asked(scenes.create())
LATER = decision(BOB, NOW + 50 * MINUTE)

# name: what is asked, approval, the last moment at which it is what the phase says, that phase
CASES: dict[str, tuple[Any, ManifestApproval, datetime, Phase]] = {
    "nobody decided": (asked(), approval(), PENDING_UNTIL, Phase.PENDING),
    "approved": (asked(), approval(None, decision()), NOW + HOUR, Phase.APPROVED),
    "approved at the last moment": (
        asked(),
        approval(None, decision(at=PENDING_UNTIL)),
        PENDING_UNTIL + HOUR,
        Phase.APPROVED,
    ),
    "a later decision does not extend it": (asked(), approval(None, decision(), LATER), NOW + HOUR, Phase.APPROVED),
    "whatever the order of the entries": (asked(), approval(None, LATER, decision()), NOW + HOUR, Phase.APPROVED),
    "a later decision of the same person": (
        asked(),
        approval(None, decision(), decision(ALICE, NOW + 50 * MINUTE)),
        NOW + HOUR,
        Phase.APPROVED,
    ),
    "an earlier one that does not count": (asked(), approval(None, decision(scenes.AGENT), LATER), NOW + 110 * MINUTE, Phase.APPROVED),
    "five minutes where nothing binds a uid": (CREATE, approval(CREATE, decision()), NOW + 5 * MINUTE, Phase.APPROVED),
    "a DELETE binds its object's uid": (
        asked(scenes.delete()),
        approval(asked(scenes.delete()), decision()),
        NOW + HOUR,
        Phase.APPROVED,
    ),
}  # fmt: skip
ACTIONS = {Phase.PENDING: Action.DENY, Phase.APPROVED: Action.CLAIM}


@pytest.mark.parametrize("name", CASES)
def test_the_last_moment(name: str) -> None:
    of, stored, last, phase = CASES[name]
    before, after = judge(of, stored, last), judge(of, stored, last + TICK)
    assert (before.action, before.standing and before.standing.phase) == (ACTIONS[phase], phase)
    assert (after.action, after.ended) == (Action.ASK, Phase.EXPIRED)
    assert before.standing is not None
    assert before.standing.until == last


@pytest.mark.parametrize("name", CASES)
def test_who_only_holds_the_approval_finds_the_same_moment(name: str) -> None:
    _, stored, last, phase = CASES[name]

    asks = requirements_of(stored)
    phases = [standing(stored, now=now, requirements=asks, people=scenes.PEOPLE).phase for now in (last, last + TICK)]
    assert phases == [phase, Phase.EXPIRED]


USE_WITHIN: dict[str, tuple[str, timedelta]] = {
    "binds a uid": ('{"v": 1, "uid": "u"}', HOUR),
    "binds none": ('{"v": 1}', 5 * MINUTE),
    "an empty one": ('{"v": 1, "uid": ""}', 5 * MINUTE),
    "unreadable": ("{}", 5 * MINUTE),
}


@pytest.mark.parametrize("name", USE_WITHIN)
def test_where_the_gate_mirrored_nothing_yet_people_are_shown_the_default(name: str) -> None:
    text, expected = USE_WITHIN[name]
    (asks,) = requirements_of(approval(change=text))
    assert asks == Requirement(use_within=expected)
