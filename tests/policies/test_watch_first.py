"""watch-first: nothing is refused, what would have been is said, and it loosens no other policy."""

import pytest

from kubeapprove.policies import RuleAction
from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from tests.policies import scenes

POLICY = scenes.ready_made("watch-first")
WOULD: dict[str, tuple[Request, str]] = {
    "a ConfigMap": (scenes.request(), "RequireApproval -"),
    "a Deployment": (scenes.request("UPDATE", "deployments"), "RequireApproval -"),
    "a Node": (scenes.request("UPDATE", "nodes"), "RequireApproval -"),
    "a delete": (scenes.request("DELETE"), "Deny no-deletes"),
    "a session": (scenes.request("CONNECT", "pods/exec", object={"stdin": True}), "Deny -"),
}


@pytest.mark.parametrize("scenario", WOULD)
def test_it_says_what_would_be_asked_and_refuses_nothing(scenario: str) -> None:
    request, answer = WOULD[scenario]
    assert scenes.answer(request, POLICY) == answer
    assert scenes.ruling(request, POLICY).observed


@pytest.mark.parametrize("scenario", WOULD)
def test_beside_a_policy_that_enforces_it_says_nothing(scenario: str) -> None:
    request, _ = WOULD[scenario]
    enforcing = scenes.policy(scenes.rule(match={"names": ["a"]}), name="enforcing")
    found = scenes.ruling(request, POLICY, enforcing)
    assert not found.observed
    assert found.action is RuleAction.DENY
    assert [finding.policy for finding in found.findings] == ["enforcing"]


def test_its_agents_are_agents() -> None:
    assert Policies([POLICY]).people.is_agent(scenes.AGENT)
