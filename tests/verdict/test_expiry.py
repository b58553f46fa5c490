"""C070: one function says when an approval is over, for webhook, guard and everybody who shows it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.lifecycle import standing, use_within_of
from kubeapprove.resources import Decision, ManifestApproval, Phase
from kubeapprove.settings import Settings, read_settings
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

    def counts(one: Decision) -> bool:
        return one.by.username != scenes.AGENT.username

    within = use_within_of(stored, scenes.SETTINGS)
    phases = [
        standing(stored, now=now, use_within=within, counts=counts).phase for now in (last, last + TICK)
    ]  # fmt: skip
    assert phases == [phase, Phase.EXPIRED]


USE_WITHIN: dict[str, tuple[str, timedelta]] = {
    "binds a uid": ('{"v": 1, "uid": "u"}', 2 * HOUR),
    "binds none": ('{"v": 1}', 5 * MINUTE),
    "an empty one": ('{"v": 1, "uid": ""}', 5 * MINUTE),
    "unreadable": ("{}", 5 * MINUTE),
}


@pytest.mark.parametrize("name", USE_WITHIN)
def test_use_within_of_a_stored_change(name: str) -> None:
    text, expected = USE_WITHIN[name]
    assert use_within_of(approval(change=text), read_settings({"useWithin": "2h"})) == expected


def test_a_shorter_setting_is_not_lengthened() -> None:
    settings: Settings = read_settings({"useWithin": "30s"})
    assert settings.use_within_for(binds_uid=False) == timedelta(seconds=30)
