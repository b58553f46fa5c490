"""Broken glass is owed a review until somebody else acknowledges it, on this approval or on the next of its name."""

from datetime import datetime
from typing import Any

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import owed_by
from kubeapprove.resources import format_time
from tests.verdict.scenes import ALICE, APPROVAL_UID, BOB, MINUTE, NOW, PEOPLE, approval, decision, denied, revoked

BROKEN = decision(ALICE, breakGlass=True)
EARLIER = {"uid": "u-0", "by": decision(ALICE)["by"], "at": format_time(NOW - 60 * MINUTE), "reason": "the shop"}
PREVIOUS = {"uid": "u-0", "outcome": "Consumed", "owed": [EARLIER]}


def word(by: UserInfo, at: datetime = NOW + MINUTE) -> dict[str, Any]:
    return {"by": decision(by)["by"], "at": format_time(at), "reason": "looked at it"}


# name: decisions, the rest of the spec, the approvals whose review is owed
CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], list[str]]] = {
    "nothing was broken": ([decision()], {}, []),
    "broken": ([BROKEN], {}, [APPROVAL_UID]),
    "not broken, as it says": ([decision(breakGlass=False)], {}, []),
    "by two": ([BROKEN, decision(BOB, breakGlass=True)], {}, [APPROVAL_UID] * 2),
    "acknowledged": ([BROKEN], {"acknowledgements": {"a": word(BOB)}}, []),
    "by who broke it": ([BROKEN], {"acknowledgements": {"a": word(ALICE)}}, [APPROVAL_UID]),
    "by another login of who broke it": (
        [BROKEN],
        {"acknowledgements": {"a": word(UserInfo("al", "u-alice"))}},
        [APPROVAL_UID],
    ),
    "before it was broken": ([BROKEN], {"acknowledgements": {"a": word(BOB, NOW - MINUTE)}}, [APPROVAL_UID]),
    "each by the other": (
        [BROKEN, decision(BOB, breakGlass=True)],
        {"acknowledgements": {"a": word(BOB), "b": word(ALICE)}},
        [],
    ),
    "one of two by the other": (
        [BROKEN, decision(BOB, breakGlass=True)],
        {"acknowledgements": {"a": word(BOB)}},
        [APPROVAL_UID],
    ),
    "inherited": ([], {"previous": PREVIOUS}, ["u-0"]),
    "inherited and broken again": ([BROKEN], {"previous": PREVIOUS}, ["u-0", APPROVAL_UID]),
    "inherited and acknowledged": ([], {"previous": PREVIOUS, "acknowledgements": {"a": word(BOB)}}, []),
    "inherited, and acknowledged before it was broken again": (
        [BROKEN],
        {"previous": PREVIOUS, "acknowledgements": {"a": word(BOB, NOW - MINUTE)}},
        [APPROVAL_UID],
    ),
    "denied since": ([BROKEN, denied(BOB)], {}, [APPROVAL_UID]),
    "revoked since": ([BROKEN], {"revoked": revoked(BOB)}, [APPROVAL_UID]),
}


@pytest.mark.parametrize("name", CASES)
def test_is_owed(name: str) -> None:
    entries, fields, expected = CASES[name]
    assert [mark.uid for mark in owed_by(approval(None, *entries, **fields), PEOPLE)] == expected


def test_who_broke_it_when_and_why_is_kept() -> None:
    (mark,) = owed_by(approval(None, decision(ALICE, breakGlass=True, reason="the shop is down")), PEOPLE)
    assert (mark.by.username, mark.at, mark.reason) == ("alice", NOW, "the shop is down")
