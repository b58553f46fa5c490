"""What the policies' word makes of a change, before any approval is looked at; and what is said before any change."""

from datetime import timedelta

import pytest

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.policies import RuleAction
from kubeapprove.reasons import Reason
from kubeapprove.ruling import Finding, Policies, Policy, Ruling
from kubeapprove.verdict import Action, Verdict, before_change, by_ruling
from tests.verdict import scenes
from tests.verdict.scenes import ANYONE, HOUR, NOW, SETTINGS, asked, by_groups

CHANGE = asked().change
ALLOWED = (Finding("small", "scale", RuleAction.ALLOW), Finding("more", "all", RuleAction.ALLOW))
DENIED = (Finding("never", "rbac", RuleAction.DENY, sentence="denied by policy never, rule rbac"),)
ASKED = tuple(Finding("p", "r", RuleAction.REQUIRE_APPROVAL, one) for one in (ANYONE, by_groups("dba", count=2)))
CASES: dict[str, tuple[Ruling | None, Verdict | None]] = {
    "no policy": (None, Verdict(Action.DENY, Reason.NOT_ENROLLED)),
    "allowed": (
        Ruling(RuleAction.ALLOW, ALLOWED),
        Verdict(
            Action.ALLOW, Reason.ALLOWED_BY_POLICY, "allowed by policy small, rule scale and policy more, rule all"
        ),
    ),
    "denied": (
        Ruling(RuleAction.DENY, DENIED),
        Verdict(Action.DENY, Reason.POLICY_DENIED, "denied by policy never, rule rbac"),
    ),
    "to be approved": (Ruling(RuleAction.REQUIRE_APPROVAL, ASKED), None),
    "observed where it would be denied": (
        Ruling(RuleAction.DENY, DENIED, observed=True),
        Verdict(
            Action.ALLOW,
            Reason.OBSERVED,
            "once the policy enforces, it is refused: denied by policy never, rule rbac",
        ),
    ),
    "observed where it would be asked for": (
        Ruling(RuleAction.REQUIRE_APPROVAL, ASKED, observed=True),
        Verdict(
            Action.ALLOW,
            Reason.OBSERVED,
            "once the policy enforces, it needs 1 approval by anyone who holds the verb approve and 2 of 2 approvals "
            "by group dba",
        ),
    ),
    "observed where it is allowed": (
        Ruling(RuleAction.ALLOW, ALLOWED[:1], observed=True),
        Verdict(Action.ALLOW, Reason.ALLOWED_BY_POLICY, "allowed by policy small, rule scale"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_becomes(name: str) -> None:
    ruling, verdict = CASES[name]
    assert by_ruling(ruling, CHANGE) == verdict


def test_nobody_may_ask_while_nobody_knows_the_policies() -> None:
    assert before_change(scenes.request(), SETTINGS, None, NOW) == Verdict(Action.DENY, Reason.POLICY_UNKNOWN)


def test_what_is_never_allowed_is_said_first() -> None:
    token = scenes.create(
        resource={"group": "", "version": "v1", "resource": "serviceaccounts"}, subResource="token", object={}
    )
    verdict = before_change(token, SETTINGS, None, NOW)
    assert verdict is not None
    assert verdict.reason is Reason.NEVER_ALLOWED


UNTIL = Policies([Policy("hour", (Agent(AgentKind.GROUP, "agents", until=NOW + HOUR),)), *scenes.POLICIES.all])


def test_whose_time_is_over_is_refused_with_the_moment() -> None:
    assert before_change(scenes.request(), SETTINGS, UNTIL, NOW + HOUR) is None
    verdict = before_change(scenes.request(), SETTINGS, UNTIL, NOW + HOUR + timedelta(microseconds=1))
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.NO_LONGER_ELIGIBLE)
    assert verdict.sentence == "policy hour let the caller ask until 2026-01-31T10:00:00Z; ask a person to renew it"
