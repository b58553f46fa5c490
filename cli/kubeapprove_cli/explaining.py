"""Which rule of which policy says what about one request, and what becomes of it: core's own functions, asked aloud.

Not looked at, since they need the gate itself: through which version a custom resource is written, approvals that exist
already, and how many requests of the agent wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from kubeapprove.cel import CelError
from kubeapprove.change import Change, build_change
from kubeapprove.hidden import Hiding
from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.requirements import Requirement
from kubeapprove.ruling import Finding, Policies, Policy, Question, Ruling, why_not
from kubeapprove.settings import Settings
from kubeapprove.strictjson import UnreadableError
from kubeapprove.verdict import Action, Asked, Verdict, before_change, by_ruling, no_change
from kubeapprove_cli import needs

NO_CLUSTER: Final = "00000000-0000-0000-0000-000000000000"
"""Stands for the cluster's uid in changes that are never hashed."""
HIDDEN: Final = (
    "the change hides values; their digests here are made with a throw-away key, so only a condition that compares a "
    "digest would see something else at the gate"
)


NO_LABELS: Final = (
    "nobody knows the namespace's labels here, so no rule with a namespaceSelector matches: give --namespace-label"
)


class Outcome(StrEnum):
    """What becomes of the request."""

    ALLOWED = "Allowed"
    NEEDS_APPROVAL = "NeedsApproval"
    DENIED = "Denied"


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """One rule that was looked at. `differs` is the field that does not match, empty where the rule matches.

    `failed`: its condition gave no answer, so the policy denies.
    """

    name: str
    action: str
    differs: str
    because: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PolicySeen:
    """One policy that names the requester; `finding` is None where it does not decide."""

    policy: Policy
    finding: Finding | None = None
    rules: tuple[RuleSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of one request, and why."""

    request: Request
    outcome: Outcome
    reason: Reason
    sentence: str
    seen: tuple[PolicySeen, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Policy, ...]:
        """The policies that decided and cannot be used."""
        return tuple(one.policy for one in self.seen if one.finding is not None and one.policy.problem)


def explain(
    request: Request,
    policies: Policies,
    settings: Settings,
    hiding: Hiding,
    labels: Mapping[str, str] | None,
    now: datetime,
) -> Explanation:
    """Judge one request as the gate would, keeping what was looked at on the way."""
    named = [policy for policy in policies.all if any(agent.matches(request.user) for agent in policy.agents)]
    others = tuple(policy.name for policy in policies.all if policy not in named)
    if (verdict := before_change(request, settings, policies, now)) is not None:
        return _explanation(request, verdict, others=others)
    try:
        change = build_change(request, cluster=NO_CLUSTER, hiding=hiding)
    except UnreadableError as error:
        return _explanation(request, Verdict(Action.DENY, Reason.UNREADABLE, str(error)), others=others)
    question = Question(request, change.document, labels)
    notes = _notes(change, question, policies)
    if (verdict := no_change(request, change)) is not None:
        return _explanation(request, verdict, others=others, notes=notes)
    ruling = policies.rule(question)
    seen = tuple(_seen(policy, ruling, question) for policy in named)
    verdict = by_ruling(ruling, change)
    if ruling is None or verdict is not None:
        verdict = verdict or Verdict(Action.DENY, Reason.NOT_ENROLLED)
        return _explanation(request, verdict, seen=seen, others=others, notes=notes)
    asked = Asked.of(request, change, ruling, policies.people).requirements
    verdict = Verdict(Action.ASK, Reason.APPROVAL_REQUIRED, " and ".join(map(needs.demand, asked)))
    return _explanation(request, verdict, seen=seen, others=others, notes=notes, requirements=asked)


def _seen(policy: Policy, ruling: Ruling | None, question: Question) -> PolicySeen:
    findings = () if ruling is None else ruling.findings
    finding = next((finding for finding in findings if finding.policy == policy.name), None)
    return PolicySeen(policy) if finding is None else PolicySeen(policy, finding, _rules(policy, question))


def _explanation(request: Request, verdict: Verdict, **parts: Any) -> Explanation:
    outcomes = {Action.ALLOW: Outcome.ALLOWED, Action.ASK: Outcome.NEEDS_APPROVAL}
    outcome = outcomes.get(verdict.action, Outcome.DENIED)
    return Explanation(request, outcome, verdict.reason, verdict.sentence, **parts)


def _notes(change: Change, question: Question, policies: Policies) -> tuple[str, ...]:
    hides = any(entry.get("as") == "secret" for entry in change.document["replaced"])
    lacks_labels = question.namespace and question.labels is None and policies.asks_for_labels(question.request.user)
    return (*((HIDDEN,) if hides else ()), *((NO_LABELS,) if lacks_labels else ()))


def _rules(policy: Policy, question: Question) -> tuple[RuleSeen, ...]:
    """Return the rules in their order, up to the one that matches or whose condition fails."""
    seen: list[RuleSeen] = []
    for rule in policy.rules:
        try:
            differs = why_not(rule, question)
        except CelError as error:
            return (*seen, RuleSeen(rule.name, str(rule.action), "when", str(error), failed=True))
        seen.append(RuleSeen(rule.name, str(rule.action), differs or "", _because(differs, question)))
        if differs is None:
            break
    return tuple(seen)


def _because(differs: str | None, question: Question) -> str:
    """Return what the request has in the place of what the rule asks for."""
    request, resource = question.request, question.request.resource
    match differs:
        case None:
            return ""
        case "operations":
            return f"it is a {request.operation}"
        case "apiGroups":
            return f"it is of group {resource.group}" if resource.group else "it is of the core group"
        case "resources":
            return f"it is about {resource.resource}" + (f"/{request.subresource}" if request.subresource else "")
        case "namespaces":
            return f"it is in namespace {question.namespace}" if question.namespace else "it is in no namespace"
        case "names":
            return f"its name is {request.name}" if request.name else "its name is not known yet"
        case "namespaceSelector" if question.labels is None and question.namespace:
            return "the namespace's labels are not known"
        case "namespaceSelector":
            return "the namespace's labels are others" if question.namespace else "it is in no namespace"
        case _:
            return "the condition is false"
