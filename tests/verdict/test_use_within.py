"""C070: from when, and for how long, an approval may be used: by today's requirements, never longer by a later decision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Phase
from kubeapprove.verdict import Action
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, ANYONE, BOB, HOUR, MINUTE, NOW, approval, asked, by_groups, decision, judge

TICK = timedelta(microseconds=1)
SAM = UserInfo("sam", "u-sam", ("security",))
TWO = Requirement(count=2)


def at(minutes: int, by: UserInfo, **fields: Any) -> dict[str, Any]:
    return decision(by, NOW + minutes * MINUTE, **fields)


# name: requirements, decisions, the last moment
CASES: dict[str, tuple[Sequence[Requirement], Sequence[dict[str, Any]], datetime]] = {
    "the second of two starts it": ([TWO], [at(0, ALICE), at(50, BOB)], NOW + 110 * MINUTE),
    "a third extends nothing": ([TWO], [at(0, ALICE), at(1, BOB), at(50, SAM)], NOW + 61 * MINUTE),
    "the last requirement to be met starts it": (
        [by_groups("approvers"), by_groups("security")],
        [at(0, ALICE), at(30, SAM), at(40, BOB)],
        NOW + 90 * MINUTE,
    ),
    "the shortest requirement wins": (
        [Requirement(use_within=2 * HOUR), Requirement(use_within=10 * MINUTE)],
        [at(0, ALICE)],
        NOW + 10 * MINUTE,
    ),
    "also where another is met last": (
        [by_groups("approvers", use_within=10 * MINUTE), by_groups("security", use_within=2 * HOUR)],
        [at(0, ALICE), at(30, SAM)],
        NOW + 40 * MINUTE,
    ),
    "broken glass starts it": ([TWO], [at(0, ALICE), at(3, BOB, breakGlass=True), at(50, SAM)], NOW + 63 * MINUTE),
    "broken glass extends nothing": ([ANYONE], [at(0, ALICE), at(50, BOB, breakGlass=True)], NOW + 60 * MINUTE),
    "broken glass, twice": (
        [TWO],
        [at(3, BOB, breakGlass=True), at(50, SAM, breakGlass=True)],
        NOW + 63 * MINUTE,
    ),
    "broken glass keeps the shortest": (
        [ANYONE, Requirement(count=3, use_within=MINUTE)],
        [at(0, ALICE, breakGlass=True)],
        NOW + MINUTE,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_last_moment(name: str) -> None:
    requirements, entries, last = CASES[name]
    of = asked(None, *requirements)
    stored = approval(of, *entries)
    assert judge(of, stored, last).action is Action.CLAIM
    assert judge(of, stored, last + TICK).ended is Phase.EXPIRED


UNBOUND = {
    "a creation": scenes.create(),
    "a command": scenes.connect("exec", command=["id"]),
    "an eviction": scenes.create(subResource="eviction", resource=scenes.PODS),
}


@pytest.mark.parametrize("name", UNBOUND)
@pytest.mark.parametrize("within", [MINUTE, 2 * HOUR], ids=["shorter than that", "longer than that"])
def test_five_minutes_at_most_where_nothing_binds_a_uid(name: str, within: timedelta) -> None:
    of = asked(UNBOUND[name], Requirement(use_within=within))
    stored, last = approval(of, decision()), NOW + min(within, 5 * MINUTE)
    assert judge(of, stored, last).action is Action.CLAIM
    assert judge(of, stored, last + TICK).ended is Phase.EXPIRED


def test_a_policy_that_was_tightened_ends_what_was_approved_for_longer() -> None:
    stored = approval(None, decision())
    assert judge(asked(), stored, NOW + 30 * MINUTE).action is Action.CLAIM
    assert judge(asked(None, Requirement(use_within=10 * MINUTE)), stored, NOW + 30 * MINUTE).ended is Phase.EXPIRED
