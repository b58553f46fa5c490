"""The person whom an agent works for is its requester as well, unless the very requirement lets owners approve."""

import pytest

from kubeapprove.identity import Agent, AgentKind, People, UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.verdict import Action
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, BOB, approval, asked, by_groups, decision, judge, role

ROLE = "arn:aws:iam::111122223333:role/people"


def owned_by(owner: str) -> People:
    return People((Agent(AgentKind.GROUP, "agents", owner=owner),))


OWNED = owned_by("alice")
OWNERS: dict[str, tuple[str, UserInfo]] = {
    "by username": ("alice", ALICE),
    "in other letters": ("ALICE", ALICE),
    "by a role, any session": (ROLE, role("people", "s-1")),
    "by a role's path": (ROLE.replace("role/", "role/teams/"), role("people", "s-1")),
    "by a session's ARN": ("arn:aws:sts::111122223333:assumed-role/people/s-9", role("people", "s-1")),
    "by an IAM user": (
        "arn:aws:iam::111122223333:user/alice",
        UserInfo("a", "", (), {"canonicalArn": ("arn:aws:iam::111122223333:user/alice",)}),
    ),
}


@pytest.mark.parametrize("name", OWNERS)
def test_the_owner_does_not_count(name: str) -> None:
    owner, user = OWNERS[name]
    of = asked(people=owned_by(owner))
    assert judge(of, approval(of, decision(user))).reason is Reason.REQUIREMENT_UNMET
    assert judge(of, approval(of, decision(user), decision(BOB))).action is Action.CLAIM


def test_nor_does_an_owner_since_the_decision() -> None:
    stored = approval(None, decision(ALICE))
    assert judge(asked(), stored).action is Action.CLAIM
    assert judge(asked(people=OWNED), stored).reason is Reason.REQUIREMENT_UNMET


def test_nor_does_the_owners_other_login_that_another_decision_gives_away() -> None:
    alias, tie = UserInfo("al", "u-al"), UserInfo("alice", "u-al")
    of = asked(people=OWNED)
    assert judge(of, approval(of, decision(alias))).action is Action.CLAIM
    assert judge(of, approval(of, decision(alias), decision(tie))).reason is Reason.REQUIREMENT_UNMET


def test_the_owner_counts_where_the_requirement_says_so() -> None:
    of = asked(None, Requirement(allow_owner=True), people=OWNED)
    assert judge(of, approval(of, decision(ALICE))).action is Action.CLAIM


def test_one_rule_that_lets_owners_approve_says_nothing_for_another() -> None:
    of = asked(None, Requirement(allow_owner=True), Requirement(policy="strict"), people=OWNED)
    verdict = judge(of, approval(of, decision(ALICE)))
    assert (verdict.reason, verdict.standing and verdict.standing.missing) == (Reason.REQUIREMENT_UNMET, (0, 1))


def test_a_list_still_holds_for_an_owner_who_may() -> None:
    of = asked(None, by_groups("dba", allow_owner=True), people=OWNED)
    assert judge(of, approval(of, decision(ALICE))).reason is Reason.REQUIREMENT_UNMET


def test_the_requester_never_counts_whoever_owns_whom() -> None:
    of = asked(None, Requirement(allow_owner=True), people=owned_by(scenes.AGENT.username))
    assert judge(of, approval(of, decision(scenes.AGENT))).reason is Reason.REQUIREMENT_UNMET


def test_another_agents_owner_is_anybody() -> None:
    people = People((*scenes.AGENTS, Agent(AgentKind.USER, "other-agent", owner="alice")))
    of = asked(people=people)
    assert judge(of, approval(of, decision(ALICE))).action is Action.CLAIM


def test_who_owns_the_login_that_uses_the_approval_does_not_count_either() -> None:
    """The line that names an owner may name a session's username; both sessions are one requester."""
    people = People((*scenes.AGENTS, Agent(AgentKind.USER, "agent:s-2", owner="alice")))
    first, second = (role("agent", name, groups=("agents",)) for name in ("s-1", "s-2"))
    of = asked(scenes.request(user=first), people=people)
    stored = approval(of, decision(ALICE))
    assert judge(of, stored).action is Action.CLAIM
    assert judge(asked(scenes.request(user=second), people=people), stored).reason is Reason.REQUIREMENT_UNMET
