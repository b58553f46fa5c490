"""Across policies the strictest action wins, and every requirement must be met."""

from itertools import permutations

import pytest

from kubeapprove.ruling import Policies, Policy
from tests.policies import scenes
from tests.policies.scenes import allows, asks, policy, rule

ALLOWS = policy(allows("a"), name="one")
ASKS = policy(asks("b", approval={"count": 2}), name="two")
DENIES = policy(rule("c", message="no"), name="three")
SILENT = policy(rule("d", match={"names": ["other"]}), name="four")
REQUEST = scenes.request()


TOGETHER: dict[str, tuple[tuple[Policy, ...], str]] = {
    "two that allow": ((ALLOWS, policy(allows("x"), name="again")), "Allow"),
    "one that has no rule for it": ((ALLOWS, SILENT), "RequireApproval"),
    "one that asks": ((ALLOWS, ASKS), "RequireApproval"),
    "one that denies": ((ALLOWS, ASKS, DENIES), "Deny"),
    "a denial and silence": ((DENIES, SILENT), "Deny"),
}


@pytest.mark.parametrize("scenario", TOGETHER)
def test_the_strictest_wins_in_any_order(scenario: str) -> None:
    policies, action = TOGETHER[scenario]
    for order in permutations(policies):
        assert str(scenes.ruling(REQUEST, *order).action) == action


def test_requirements_add_up() -> None:
    asked = scenes.ruling(REQUEST, ALLOWS, ASKS, SILENT).requirements
    assert [(one.policy, one.rule, one.count) for one in asked] == [("two", "b", 2), ("four", "", 1)]


def test_a_denial_is_told_whoever_comes_first() -> None:
    for order in permutations((ALLOWS, ASKS, DENIES)):
        assert scenes.ruling(REQUEST, *order).sentence == "denied by policy three, rule c: no"


def test_what_allows_is_told_with_all_its_rules() -> None:
    again = policy(allows("x"), name="again")
    assert scenes.ruling(REQUEST, ALLOWS, again).sentence == "allowed by policy one, rule a and policy again, rule x"


def test_a_policy_about_others_says_nothing() -> None:
    others = policy(rule(), name="others", agents=[{"kind": "Group", "name": "other-agents"}])
    assert scenes.answer(REQUEST, ALLOWS, others) == "Allow a"


def test_the_agents_of_every_policy_are_agents_to_all() -> None:
    others = policy(name="others", agents=[{"kind": "User", "name": scenes.ALICE.username}])
    people = Policies([ALLOWS, others]).people
    assert people.is_agent(scenes.AGENT)
    assert people.is_agent(scenes.ALICE)


def test_whether_an_owner_may_approve_is_asked_of_every_rule_about_the_agent() -> None:
    owner = policy(asks(approval={"allowOwner": True}), name="owner")
    others = policy(asks(approval={"allowOwner": True}), name="o", agents=[{"kind": "User", "name": "x"}])
    assert Policies([ALLOWS, owner]).lets_owner_approve(scenes.AGENT)
    assert not Policies([ALLOWS, others]).lets_owner_approve(scenes.AGENT)
