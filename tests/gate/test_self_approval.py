"""Who asked for a change never decides on it, by whatever login."""

import pytest

from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, asked, grant, refusal

pytestmark = pytest.mark.cluster


LOGINS = {
    "the requester": "agent",
    "another agent": "agent2",
}


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS.keys())
@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
def test_agents_never_decide(place: Place, login: str, verdict: str) -> None:
    waiting = asked(place.ask())
    assert refusal(place.decide(waiting, as_=login, verdict=verdict)).reason in NO_WRITE_OF_AGENTS
    assert "decisions" not in place.approval(waiting)["spec"]
    assert asked(place.ask()).reason == "ApprovalPending"


@pytest.mark.parametrize("login", ["Agent:Bot", "AGENT:bot"])
def test_the_requester_by_a_login_outside_of_the_agents_group(place: Place, login: str) -> None:
    place.cp.identity(login, ["approvers"])
    waiting = asked(place.ask())
    refused = refusal(place.decide(waiting, as_=login, key="me"))
    assert refused.reason == "NotADecider"
    assert "nobody decides on a change that they asked for" in refused.message


def test_an_agent_cannot_revoke(place: Place) -> None:
    waiting = asked(place.ask())
    assert (
        refusal(place.patch_approval(waiting, {"spec": {"revoked": {"reason": "no"}}}, as_="agent2")).reason
        in NO_WRITE_OF_AGENTS
    )


def test_an_agent_that_holds_the_verb_by_its_own_name(place: Place) -> None:
    place.cp.identity("bot", ["agents"])
    grant(place, "User", "bot", "kubeapprove-approver")
    waiting = asked(place.ask())
    assert refusal(place.decide(waiting, as_="bot")).reason in NO_WRITE_OF_AGENTS


def test_an_agent_in_an_approvers_group(place: Place) -> None:
    user = f"both-{place.namespace}"
    place.cp.identity(user, ["agents", "approvers"])
    waiting = asked(place.ask())
    assert refusal(place.decide(waiting, as_=user, key="me")).reason in NO_WRITE_OF_AGENTS
    assert "decisions" not in place.approval(waiting)["spec"]
