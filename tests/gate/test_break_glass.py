"""Broken glass stands for list and count and for nothing else, and somebody else acknowledges it (C086)."""

from typing import Any

import pytest

from tests.gate.asking import NO_WRITE_OF_AGENTS, Answer, Place, Refusal, asked, grant, refusal, revoke_grant

pytestmark = pytest.mark.cluster
AGENTS = "glass-agents"
"""Their policy asks for two of the group leads; nobody here is in it."""


def breaker(place: Place) -> str:
    """Return who holds `breakglass` and not `approve`."""
    place.cp.identity("zoe", ["breakers"])
    return "zoe"


def broken(place: Place, waiting: Refusal, as_: str, **fields: Any) -> Answer:
    return place.decide(waiting, as_=as_, key="glass", **{"reason": "the shop is down", "breakGlass": True, **fields})


def acknowledged(place: Place, waiting: Refusal, as_: str) -> Answer:
    word = {"spec": {"acknowledgements": {"of-" + as_: {"reason": "seen, right so"}}}}
    return place.patch_approval(waiting, word, as_=as_)


def test_broken_used_and_acknowledged(place: Place) -> None:
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    assert broken(place, waiting, breaker(place))[0] == 200
    assert place.ask(as_=agent)[0] == 201
    used = place.approval(waiting)
    assert used["status"]["phase"] == "Consumed"
    assert used["spec"]["decisions"]["glass"]["by"]["username"] == "zoe"
    # Who broke it reviews nothing, whatever they hold.
    place.cp.identity("zoe", ["breakers", "approvers"])
    assert refusal(acknowledged(place, waiting, "zoe")).reason == "NotADecider"
    assert refusal(acknowledged(place, waiting, agent)).reason in NO_WRITE_OF_AGENTS
    assert refusal(acknowledged(place, waiting, "carol")).reason == "NotADecider"
    status, answer = acknowledged(place, waiting, "alice")
    assert (status, answer["spec"]["acknowledgements"]["of-alice"]["by"]["username"]) == (200, "alice")
    assert "no review is owed" in refusal(acknowledged(place, waiting, "bob")).message
    assert place.approval(waiting)["spec"]["decisions"] == used["spec"]["decisions"]


def test_what_is_owed_is_handed_on_to_the_next_approval_of_that_name(place: Place) -> None:
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    assert broken(place, waiting, breaker(place))[0] == 200
    assert place.ask(as_=agent)[0] == 201
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    again = asked(place.ask(as_=agent))
    assert again.approval == waiting.approval
    assert [mark["by"]["username"] for mark in place.approval(again)["spec"]["previous"]["owed"]] == ["zoe"]
    assert acknowledged(place, again, "alice")[0] == 200


def test_the_verb_approve_breaks_no_glass(place: Place) -> None:
    waiting = asked(place.ask(as_=place.agent(AGENTS)))
    refused = refusal(broken(place, waiting, "alice"))
    assert (refused.reason, "does not hold verb `breakglass`" in refused.message) == ("NotADecider", True)


def test_the_verb_breakglass_approves_nothing(place: Place) -> None:
    waiting = asked(place.ask(as_=place.agent(AGENTS)))
    assert refusal(place.decide(waiting, as_=breaker(place))).reason == "NotADecider"


def test_a_right_that_is_gone_when_it_is_used(place: Place) -> None:
    agent, user = place.agent(AGENTS), f"once-{place.namespace}"
    place.cp.identity(user, ["temps"])
    grant(place, "User", user, "kubeapprove-breakglass", "breakglass")
    waiting = asked(place.ask(as_=agent))
    assert broken(place, waiting, user)[0] == 200
    revoke_grant(place, user, "breakglass")
    assert refusal(place.ask(as_=agent)).reason == "RequirementUnmet"
    assert not place.exists("configmaps", "web")


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason(place: Place, reason: str) -> None:
    waiting = asked(place.ask(as_=place.agent(AGENTS)))
    refused = refusal(broken(place, waiting, breaker(place), reason=reason))
    assert (refused.reason, "gives a reason" in refused.message) == ("NotADecision", True)


def test_not_against_a_denial(place: Place) -> None:
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    assert refusal(broken(place, waiting, breaker(place))).reason == "NotADecision"
    assert refusal(place.ask(as_=agent)).reason == "ApprovalDenied"


def test_a_denial_wins_afterwards_too(place: Place) -> None:
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    assert broken(place, waiting, breaker(place))[0] == 200
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    assert refusal(place.ask(as_=agent)).reason == "ApprovalDenied"
    assert not place.exists("configmaps", "web")


def test_what_is_denied_by_a_rule_or_never_allowed_has_no_glass_to_break(place: Place) -> None:
    agent = place.agent(AGENTS)
    assert refusal(place.create("secrets", {"metadata": {"name": "web"}}, agent)).reason == "PolicyDenied"
    path = place.path("serviceaccounts", "default", "token")
    assert refusal(place.cp.raw("POST", path, {"spec": {}}, as_=agent)).reason == "NeverAllowed"
    assert place.items("manifestapprovals") == []


def test_not_by_an_agent_that_holds_the_verb(place: Place) -> None:
    user = f"own-{place.namespace}"
    place.cp.identity(user, [AGENTS, "breakers", "system:masters"])
    waiting = asked(place.ask(as_=user))
    for agent in (user, place.agent(AGENTS)):
        assert refusal(broken(place, waiting, agent)).reason in NO_WRITE_OF_AGENTS
    assert "decisions" not in place.approval(waiting)["spec"]


def test_not_by_the_requesters_login_outside_of_the_agents_group(place: Place) -> None:
    agent = place.agent(AGENTS)
    place.cp.identity(agent.upper(), ["breakers"])
    refused = refusal(broken(place, asked(place.ask(as_=agent)), agent.upper()))
    assert "nobody decides on a change that they asked for" in refused.message
