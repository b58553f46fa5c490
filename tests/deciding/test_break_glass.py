"""C086: who breaks the glass holds verb `breakglass`, gives a reason, and is nobody who never decides."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.identity import Agent, AgentKind, UserInfo
from kubeapprove.policies import RuleAction
from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.ruling import CompiledRule, Policies, Policy
from tests.deciding.writes import ENTRY, deciding, send
from tests.verdict.scenes import (
    AGENT,
    ALICE,
    BOB,
    HOUR,
    MINUTE,
    NOW,
    POLICIES,
    claim,
    decision,
    denied,
    raw_approval,
    revoked,
)

BROKEN = {**ENTRY, "breakGlass": True, "reason": "the shop is down"}
OLD = raw_approval()
LETTING = CompiledRule("mine", RuleAction.REQUIRE_APPROVAL, Requirement(allow_owner=True))
OWNED = Policies([Policy("p", (Agent(AgentKind.GROUP, "agents", owner="alice"),), (LETTING,))])


def test_is_taken_with_its_own_verb() -> None:
    judgement = send(OLD, deciding(OLD, BROKEN))
    assert (judgement.write, judgement.verb, judgement.warnings) == (Write.DECISION, "breakglass", ())


def test_what_says_that_it_breaks_none_is_an_ordinary_decision() -> None:
    judgement = send(OLD, deciding(OLD, {**ENTRY, "breakGlass": False, "reason": ""}))
    assert (judgement.write, judgement.verb) == (Write.DECISION, "approve")


@pytest.mark.parametrize("reason", ["", " ", "\u00a0", "\u200b", "\u3164", " \u0301"])
def test_a_reason_that_can_be_read_is_compulsory(reason: str) -> None:
    judgement = send(OLD, deciding(OLD, {**BROKEN, "reason": reason}))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "gives a reason" in judgement.sentence


def test_who_denies_breaks_no_glass() -> None:
    judgement = send(OLD, deciding(OLD, {**BROKEN, "verdict": "Denied"}))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "leave breakGlass out" in judgement.sentence


NEVER: dict[str, tuple[UserInfo, Policies]] = {
    "the requester": (AGENT, POLICIES),
    "the requester's other login": (UserInfo("human", "u-agent", ("system:masters",)), POLICIES),
    "another agent": (UserInfo("other", "", ("agents",)), POLICIES),
    "a controller": (UserInfo("system:serviceaccount:argocd:controller", "", ("system:masters",)), POLICIES),
    "the owner, also where a rule lets owners approve": (ALICE, OWNED),
}


@pytest.mark.parametrize("name", NEVER)
def test_is_never_taken_from(name: str) -> None:
    user, policies = NEVER[name]
    judgement = send(OLD, deciding(OLD, BROKEN), user, policies=policies)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECIDER)


def test_an_owner_whom_a_rule_lets_approve_approves_without() -> None:
    assert send(OLD, deciding(OLD, ENTRY), ALICE, policies=OWNED).verb == "approve"


ENDED: dict[str, tuple[dict[str, Any], Any]] = {
    "denied": (raw_approval(None, denied(BOB)), NOW),
    "revoked": (raw_approval(revoked=revoked(BOB)), NOW),
    "spent": (raw_approval(None, decision(BOB), status={"claim": claim()}), NOW),
    "expired": (raw_approval(None, decision(BOB)), NOW + HOUR + MINUTE),
    "never decided in time": (raw_approval(), NOW + 25 * HOUR),
}


@pytest.mark.parametrize("name", ENDED)
def test_revives_nothing(name: str) -> None:
    old, now = ENDED[name]
    judgement = send(old, deciding(old, BROKEN), now=now)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
