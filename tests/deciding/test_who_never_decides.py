"""C062, C063, C065, C066: controllers, agents and the requester himself neither decide nor revoke, whatever RBAC says."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.identity import Agent, AgentKind, UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.ruling import Policies, Policy
from tests.deciding.writes import ENTRY, deciding, send, with_spec
from tests.verdict import scenes
from tests.verdict.scenes import AGENT, ALICE, POLICIES, asked, raw_approval

ROLE = {"canonicalArn": ("arn:aws:iam::111122223333:role/agent",)}
ROLE_REQUESTER = UserInfo("session-1", "", ("agents",), ROLE)
MASTERS = ("system:masters",)
CASES: dict[str, tuple[UserInfo, UserInfo, str]] = {
    "the requester": (AGENT, AGENT, "agents never decide"),
    "the requester as no agent": (AGENT, UserInfo("agent@ai", "", MASTERS), "asked for"),
    "the requester's name in other letters": (AGENT, UserInfo("Agent@AI", "", MASTERS), "asked for"),
    "the requester's other login, by uid": (AGENT, UserInfo("human", "u-agent", MASTERS), "asked for"),
    "the requester's role, another session": (ROLE_REQUESTER, UserInfo("session-2", "", MASTERS, ROLE), "asked for"),
    "another agent": (AGENT, UserInfo("other", "u-2", ("agents",)), "agents never decide"),
    "an agent in system:masters": (AGENT, UserInfo("other", "u-2", ("agents", *MASTERS)), "agents never decide"),
    "a ServiceAccount": (AGENT, UserInfo("system:serviceaccount:flux-system:flux", "u-3", MASTERS), "controllers"),
    "our operator": (
        AGENT,
        UserInfo("system:serviceaccount:kubeapprove-system:kubeapprove-operator", "u-4", MASTERS),
        "controllers",
    ),
    "a ServiceAccount by its group": (AGENT, UserInfo("x", "", ("system:serviceaccounts:a", *MASTERS)), "controllers"),
    "a node": (AGENT, UserInfo("system:node:n", "", ("system:nodes",)), "controllers"),
    "a control-plane component": (AGENT, UserInfo("system:kube-scheduler", "", MASTERS), "controllers"),
}
WHAT: dict[str, dict[str, Any]] = {
    "approve": {"decisions": {"x": ENTRY}},
    "deny": {"decisions": {"x": {**ENTRY, "verdict": "Denied"}}},
    "revoke": {"revoked": {"reason": "no"}},
}


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("name", CASES)
def test_is_refused(name: str, what: str) -> None:
    requester, user, sentence = CASES[name]
    old = raw_approval(asked(scenes.request(user=requester)))
    judgement = send(old, with_spec(old, **WHAT[what]), user)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECIDER)
    assert sentence in judgement.sentence


def test_a_person_who_was_made_an_agent_since_decides_no_more() -> None:
    policies = Policies([*POLICIES.all, Policy("more", (Agent(AgentKind.USER, "alice"),))])
    old = raw_approval()
    assert send(old, deciding(old, ENTRY), ALICE, policies=policies).reason is Reason.NOT_A_DECIDER
    assert send(old, deciding(old, ENTRY), ALICE).write is Write.DECISION
