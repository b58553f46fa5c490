"""Each decision is judged as of now, by today's agents and rights; one that does not count leaves the requirement unmet."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.identity import Agent, AgentKind, People, UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.resources import Decision
from kubeapprove.verdict import Action, to_review
from tests.verdict import scenes
from tests.verdict.scenes import AGENT, ALICE, BOB, NOW, PENDING_UNTIL, anyone, approval, asked, decision, judge

ROLE = {"canonicalArn": ("arn:aws:iam::111122223333:role/agent",)}
ROLE_AGENT = UserInfo("agent-session-1", "", ("agents",), ROLE)
FOLDED_AGENT = UserInfo("Alice@example.com", "", ("agents",))

# name: requester, decision, whether the access review says yes
CASES: dict[str, tuple[UserInfo, dict[str, Any], Callable[[Decision], bool]]] = {
    "for another uid": (AGENT, decision(uid="uid-of-yesterday's"), anyone),
    "after pendingUntil": (AGENT, decision(at=PENDING_UNTIL + timedelta(microseconds=1)), anyone),
    "lost the verb": (AGENT, decision(), scenes.nobody),
    "the requester (C066)": (AGENT, decision(AGENT), anyone),
    "the requester, without his groups": (AGENT, decision(UserInfo("agent@ai")), anyone),
    "the requester's uid under another name (C063)": (AGENT, decision(UserInfo("human", "u-agent")), anyone),
    "the requester's name in other letters (C063)": (FOLDED_AGENT, decision(UserInfo("ALICE@example.com")), anyone),
    "the requester's name in full width (C063)": (
        FOLDED_AGENT,
        decision(UserInfo("\uff41lice@example.com")),
        anyone,
    ),
    "the requester's role, another session (C061)": (
        ROLE_AGENT,
        decision(UserInfo("agent-session-2", "", (), ROLE)),
        anyone,
    ),
    "another agent": (AGENT, decision(UserInfo("other-agent", "u-2", ("agents",))), anyone),
    "an agent in system:masters": (AGENT, decision(UserInfo("o", "", ("agents", "system:masters"))), anyone),
    "a ServiceAccount": (AGENT, decision(UserInfo("system:serviceaccount:argocd:controller", "u-3")), anyone),
    "a ServiceAccount by its groups": (AGENT, decision(UserInfo("x", "", ("system:serviceaccounts",))), anyone),
    "a ServiceAccount by its namespace": (AGENT, decision(UserInfo("x", "", ("system:serviceaccounts:a",))), anyone),
    "a node": (AGENT, decision(UserInfo("system:node:n", "", ("system:nodes",))), anyone),
    "a node by its group": (AGENT, decision(UserInfo("n", "", ("system:nodes",))), anyone),
    "a control-plane component": (AGENT, decision(UserInfo("system:kube-controller-manager")), anyone),
    "signed": (AGENT, decision(signature="-----BEGIN SSH SIGNATURE-----"), anyone),
}


@pytest.mark.parametrize("name", CASES)
def test_does_not_count(name: str) -> None:
    requester, entry, may = CASES[name]
    of = asked(scenes.request(user=requester))
    verdict = judge(of, approval(of, entry), may=may)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.REQUIREMENT_UNMET)


@pytest.mark.parametrize("name", CASES)
def test_does_not_hinder_one_that_counts(name: str) -> None:
    requester, entry, may = CASES[name]
    of = asked(scenes.request(user=requester))

    def may_bob(one: Decision) -> bool:
        return one.by.username == BOB.username or may(one)

    assert judge(of, approval(of, entry, decision(BOB)), may=may_bob).action is Action.CLAIM


def test_one_that_counts_is_claimed() -> None:
    verdict = judge(asked(), approval(None, decision()))
    assert (verdict.action, verdict.reason) == (Action.CLAIM, Reason.APPROVED)


def test_whoever_became_an_agent_does_not_count_any_more() -> None:
    people = People((*scenes.AGENTS, Agent(AgentKind.USER, "alice")))
    assert judge(asked(people=people), approval(None, decision(ALICE))).reason is Reason.REQUIREMENT_UNMET


def test_the_login_that_uses_the_approval_does_not_count_either() -> None:
    """One role, one identity key: the session that asks now may share a uid with who approved another session's."""
    role_now = UserInfo("agent-session-9", "u-shared", ("agents",), ROLE)
    stored = approval(asked(scenes.request(user=ROLE_AGENT)), decision(UserInfo("human", "u-shared")))
    verdict = judge(asked(scenes.request(user=role_now)), stored)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.REQUIREMENT_UNMET)


def test_only_what_could_count_is_reviewed() -> None:
    of = approval(None, decision(AGENT), decision(ALICE), decision(BOB, uid="other"), decision(BOB, at=NOW))
    assert list(to_review(of, asked())) == ["d-1", "d-3"]
    assert to_review(approval(None, scenes.denied()), asked()) == {}
