"""How many people a change needs: each requirement counts its own people, and all requirements must be met."""

from collections.abc import Sequence

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.verdict import Action
from tests.verdict.scenes import ALICE, ANYONE, BOB, MINUTE, NOW, approval, asked, by_groups, by_users, decision, judge

SEC = UserInfo("sam", "u-sam", ("security",))
BOTH = UserInfo("olga", "u-olga", ("approvers", "security"))
APPROVERS, SECURITY, TWO = by_groups("approvers"), by_groups("security"), Requirement(count=2)

# name: requirements, who approves, how many people each requirement still lacks
CASES: dict[str, tuple[Sequence[Requirement], Sequence[UserInfo], Sequence[int]]] = {
    "one of one": ([ANYONE], [ALICE], [0]),
    "one of two": ([TWO], [ALICE], [1]),
    "two of two": ([TWO], [ALICE, BOB], [0]),
    "three where two are enough": ([TWO], [ALICE, BOB, SEC], [0]),
    "two requirements, nobody of the second": ([APPROVERS, SECURITY], [ALICE, BOB], [0, 1]),
    "two requirements, somebody of each": ([APPROVERS, SECURITY], [ALICE, SEC], [0, 0]),
    "two requirements, one person who is on both lists": ([APPROVERS, SECURITY], [BOTH], [0, 0]),
    "the larger count is not met by the smaller": ([ANYONE, TWO], [ALICE], [0, 1]),
    "two of two lists together": ([by_groups("approvers", "security", count=2)], [ALICE, SEC], [0]),
    "a count that one list has to fill": ([by_groups("approvers", count=2)], [ALICE, SEC], [1]),
    "the same demand of two policies is met by one person": ([APPROVERS, by_groups("approvers")], [ALICE], [0, 0]),
    "an empty list is nobody": ([by_groups()], [ALICE, BOB], [1]),
    "one person under two groups": ([by_groups("approvers", "security", count=2)], [BOTH], [1]),
    "named persons": ([by_users("alice", "bob", count=2)], [ALICE, BOB], [0]),
}


@pytest.mark.parametrize("name", CASES)
def test_passes_only_when_nothing_is_missing(name: str) -> None:
    requirements, people, missing = CASES[name]
    of = asked(None, *requirements)
    entries = (decision(user, NOW + MINUTE * index) for index, user in enumerate(people))
    verdict = judge(of, approval(of, *entries), NOW + 4 * MINUTE)
    assert verdict.standing is not None
    assert list(verdict.standing.missing) == list(missing)
    expected = (Action.DENY, Reason.REQUIREMENT_UNMET) if any(missing) else (Action.CLAIM, Reason.APPROVED)
    assert (verdict.action, verdict.reason) == expected


def test_a_refusal_says_who_is_missing_by_which_rule() -> None:
    two = by_groups("dba", policy="prod", rule="databases", count=2)
    of = asked(None, two, by_users("sam", policy="all"))
    verdict = judge(of, approval(of, decision(ALICE)))
    assert verdict.sentence == (
        "still missing: 2 of 2 approvals by group dba (policy prod, rule databases) and 1 approval by user sam (policy all)"
    )
