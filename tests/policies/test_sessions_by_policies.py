"""attach, port-forward and exec with stdin are approvable only by a rule that names the subresource, in every policy."""

import pytest

from kubeapprove.request import Request
from kubeapprove.ruling import SESSION
from tests.policies import scenes
from tests.policies.scenes import allows, asks, policy, rule

SESSIONS: dict[str, Request] = {
    "exec": scenes.request("CONNECT", "pods/exec", object={"stdin": True, "command": ["sh"]}),
    "attach": scenes.request("CONNECT", "pods/attach", object={}),
    "portforward": scenes.request("CONNECT", "pods/portforward", object={"ports": [80]}),
}
SINGLE: dict[str, Request] = {
    "one command": scenes.request("CONNECT", "pods/exec", object={"command": ["id"]}),
    "one command, said without stdin": scenes.request("CONNECT", "pods/exec", object={"stdin": False}),
    "a log": scenes.request("CONNECT", "pods/log", object={}),
    "a subresource of that name elsewhere": scenes.request("CONNECT", "nodes/attach", object={}),
}


@pytest.mark.parametrize("subresource", SESSIONS)
@pytest.mark.parametrize("pattern", ["*/*", "pods/*"])
@pytest.mark.parametrize("action", ["Allow", "RequireApproval"])
def test_a_rule_that_does_not_name_it_does_not_open_it(subresource: str, pattern: str, action: str) -> None:
    match = {"operations": ["CONNECT"], "apiGroups": [""], "resources": [pattern]}
    found = scenes.ruling(SESSIONS[subresource], policy(rule(action=action, match=match)))
    assert (str(found.action), found.sentence) == ("Deny", SESSION)


@pytest.mark.parametrize("subresource", SESSIONS)
def test_without_a_rule_it_is_denied(subresource: str) -> None:
    for one in (policy(), policy(asks()), policy(asks(match={"resources": ["pods"]}))):
        assert scenes.ruling(SESSIONS[subresource], one).sentence == SESSION


@pytest.mark.parametrize("subresource", SESSIONS)
@pytest.mark.parametrize("resource", ["pods", "*"])
def test_a_rule_that_names_it_makes_it_approvable(subresource: str, resource: str) -> None:
    named = {"resources": [f"{resource}/{subresource}"]}
    assert scenes.answer(SESSIONS[subresource], policy(asks(match=named))) == "RequireApproval asks"
    among = {"resources": ["pods/*", f"{resource}/{subresource}"]}
    assert scenes.answer(SESSIONS[subresource], policy(asks(match=among))) == "RequireApproval asks"


def test_another_subresource_named_is_not_this_one() -> None:
    match = {"resources": ["pods/*", "pods/exec", "nodes/attach"]}
    assert scenes.ruling(SESSIONS["attach"], policy(asks(match=match))).sentence == SESSION


def test_every_policy_that_names_the_requester_has_to_name_it() -> None:
    named = policy(asks(match={"resources": ["pods/exec"]}), name="named")
    assert scenes.answer(SESSIONS["exec"], named, policy(name="silent")) == "Deny asks -"
    assert scenes.answer(SESSIONS["exec"], named, policy(allows(), name="stars")) == "Deny asks allows"


def test_a_deny_that_names_it_says_its_own_words() -> None:
    found = scenes.ruling(SESSIONS["exec"], policy(rule(match={"resources": ["pods/exec"]}, message="no shells")))
    assert found.sentence == "denied by policy p, rule r: no shells"


@pytest.mark.parametrize("scenario", SINGLE)
def test_what_opens_no_session_is_a_change_like_others(scenario: str) -> None:
    assert scenes.answer(SINGLE[scenario], policy(asks(match={"resources": ["*/*"]}))) == "RequireApproval asks"
    assert scenes.answer(SINGLE[scenario], policy()) == "RequireApproval -"
