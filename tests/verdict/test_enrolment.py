"""C035, C052, C056: whom the gate judges is said by the policies alone, before anything else."""

import pytest

from kubeapprove.identity import Agent, AgentKind, UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.ruling import Policies, Policy
from kubeapprove.verdict import Action, before_change
from tests.verdict import scenes
from tests.verdict.scenes import NOW, SETTINGS

POLICIES = Policies(
    [
        Policy("groups", (Agent(AgentKind.GROUP, "agents"),)),
        Policy(
            "others",
            (
                Agent(AgentKind.USER, "robot"),
                Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ci"),
                Agent(AgentKind.SERVICE_ACCOUNT, "", "bots"),
                Agent(AgentKind.IAM_ROLE, "arn:aws:iam::111122223333:role/agent"),
            ),
        ),
    ]
)
AGENTS = {
    "by group": UserInfo("x", "", ("agents",)),
    "by group, in system:masters (C056)": UserInfo("x", "", ("system:masters", "agents")),
    "by user": UserInfo("robot"),
    "a ServiceAccount": UserInfo("system:serviceaccount:ci:bot"),
    "any ServiceAccount of a namespace": UserInfo(
        "system:serviceaccount:bots:x", "", ("system:serviceaccounts:bots", "system:serviceaccounts")
    ),
    "an IAM role, any session": UserInfo(
        "s", "", (), {"canonicalArn": ("arn:aws:iam::111122223333:role/agent",), "sessionName": ("s",)}
    ),
}
OTHERS = {
    "a person": UserInfo("alice", "", ("approvers",)),
    "nobody": UserInfo(""),
    "a group's name as username": UserInfo("agents"),
    "a user's name as group": UserInfo("x", "", ("robot",)),
    "a group in other letters": UserInfo("x", "", ("Agents",)),
    "another ServiceAccount of that namespace": UserInfo(
        "system:serviceaccount:ci:other", "", ("system:serviceaccounts:ci",)
    ),
    "a namespace that begins the same": UserInfo(
        "system:serviceaccount:bots-2:x", "", ("system:serviceaccounts:bots-2",)
    ),
    "the role's name without the authenticator's word": UserInfo("arn:aws:iam::111122223333:role/agent"),
}


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_is_judged_further(name: str) -> None:
    assert before_change(scenes.request(user=AGENTS[name]), SETTINGS, POLICIES, NOW) is None


@pytest.mark.parametrize("name", OTHERS)
def test_whoever_is_sent_and_not_named_is_refused(name: str) -> None:
    verdict = before_change(scenes.request(user=OTHERS[name]), SETTINGS, POLICIES, NOW)
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.NOT_ENROLLED)


def test_without_policies_nobody_is_enrolled() -> None:
    verdict = before_change(scenes.request(), SETTINGS, Policies([]), NOW)
    assert verdict is not None
    assert verdict.reason is Reason.NOT_ENROLLED
