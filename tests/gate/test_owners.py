"""The owner of an agent counts as its requester, but for rules that say otherwise."""

import pytest

from e2e.cluster import eks
from tests.gate.asking import Place, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
AGENTS, AGENTS_OF_A_ROLE = "owned-agents", "owned-by-a-role"
"""Of alice, and of whoever assumes the role `owner`."""
SHARED_AGENTS = "shared-agents"
"""Of alice; one rule about them lets owners approve."""


@pytest.mark.parametrize("login", ["alice", "Alice"])
@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
def test_the_owner(place: Place, login: str, verdict: str) -> None:
    place.cp.identity(login, ["approvers"])
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    refused = refusal(place.decide(waiting, as_=login, key="owner", verdict=verdict))
    assert refused.reason == "NotADecider"
    assert "nobody decides on a change that their own agent asked for" in refused.message
    assert asked(place.ask(as_=agent)).reason == "ApprovalPending"


def test_a_session_of_the_role_that_owns_it(place: Place) -> None:
    place.cp.eks_identity("owner", "whoever", groups=["approvers"])
    waiting = asked(place.ask(as_=place.agent(AGENTS_OF_A_ROLE)))
    answer = place.decide(waiting, as_=eks.session_arn("owner", "whoever"), key="owner")
    assert refusal(answer).reason == "NotADecider"
    assert "decisions" not in place.approval(waiting)["spec"]


def test_the_owner_of_another_agent(place: Place) -> None:
    agent = place.agent(AGENTS_OF_A_ROLE)
    place.approve(asked(place.ask(as_=agent)))
    assert place.ask(as_=agent)[0] == 201


def test_where_the_rule_lets_the_owner_approve(place: Place) -> None:
    agent = place.agent(SHARED_AGENTS)
    place.approve(asked(place.create("configmaps", config_map("shared"), agent)))
    assert place.create("configmaps", config_map("shared"), agent)[0] == 201


def test_where_only_another_rule_lets_the_owner_approve(place: Place) -> None:
    """Which rule matches is said when the approval is used: till then the decision stands there and counts for nothing."""
    agent = place.agent(SHARED_AGENTS)
    waiting = asked(place.ask(as_=agent))
    place.approve(waiting)
    assert refusal(place.ask(as_=agent)).reason == "RequirementUnmet"
    assert not place.exists("configmaps", "web")
    place.approve(waiting, as_="bob")
    assert place.ask(as_=agent)[0] == 201
