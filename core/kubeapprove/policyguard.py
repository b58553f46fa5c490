"""Who may write a policy, and what it may say: for `kubectl apply`, GitOps tools and our own operator alike.

The rules, in their order:
* The status is written by the operator alone.
* Controllers and ServiceAccounts write no policy and delete none, whatever RBAC grants them, but for the exact names of
  the setting `policyWriters`: an agent that can push to Git would write policies through them. Agents never do.
* Nobody makes themselves an agent: they could not take it back.
* What is written can be used: `policycheck` says what is wrong, with place and remedy. Labels, annotations and the like
  may change on an invalid one too.
* Beyond that RBAC decides who writes policies, and the same people may change and delete what defines them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from kubeapprove.canonical import same
from kubeapprove.deciding import Judgement, Write
from kubeapprove.identity import Agent, UserInfo, is_controller
from kubeapprove.policies import ApprovalPolicy
from kubeapprove.policycheck import check, check_total, read_policy
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.request import Operation, Request
from kubeapprove.ruling import Policies, Policy
from kubeapprove.settings import Settings
from kubeapprove.wording import describe


def judge_policy(request: Request, settings: Settings, policies: Policies | None, now: datetime) -> Judgement:
    """Judge one write to an ApprovalPolicy, or its deletion."""
    if request.subresource:
        return _refused(Reason.NOT_A_POLICY, "a policy's status is written by the operator alone")
    if (sentence := _may_write(request.user, settings, policies)) is not None:
        return _refused(Reason.NOT_A_DECIDER, sentence)
    if policies is None:
        return _refused(Reason.POLICY_UNKNOWN, f"{SENTENCES[Reason.POLICY_UNKNOWN]}; try again in a few seconds")
    if request.operation is Operation.DELETE or request.object is None:
        return _taken(_let_go(request.old_object, None, policies, settings))
    if request.old_object is not None and same(request.old_object.get("spec"), request.object.get("spec")):
        return Judgement(Write.NOTHING, Reason.HARMLESS_EDIT, SENTENCES[Reason.HARMLESS_EDIT])
    if (sentence := _problem(request.object, settings, policies)) is not None:
        return _refused(Reason.NOT_A_POLICY, sentence)
    new = read_policy(request.object, settings)
    if any(agent.matches(request.user) for agent in new.agents):
        return _refused(
            Reason.NOT_A_POLICY,
            "this would make you an agent, and agents write no policies: you could not take it back; have somebody "
            "else write it",
        )
    warnings = (
        *_not_yet(new, policies),
        *_over(new, now),
        *_let_go(request.old_object, new, policies, settings),
    )
    return _taken(warnings)


def judge_definition(request: Request, settings: Settings, policies: Policies | None) -> Judgement:
    """Judge a write to what defines or serves our resources: a CustomResourceDefinition or an APIService of our group.

    With a definition goes every policy, or every approval; a default in it writes into all of them.
    """
    old, new = request.old_object, request.object
    if old is not None and new is not None and same(old.get("spec"), new.get("spec")):
        return Judgement(Write.NOTHING, Reason.HARMLESS_EDIT, SENTENCES[Reason.HARMLESS_EDIT])
    if (sentence := _may_write(request.user, settings, policies)) is not None:
        return _refused(Reason.NOT_A_DECIDER, f"{sentence}; this defines what a policy is")
    if request.operation is not Operation.DELETE or request.resource.resource != "customresourcedefinitions":
        return _taken(())
    warning = "with this definition everything of its kind goes: without policies, agents are not gated any more"
    return _taken((warning,))


def _refused(reason: Reason, sentence: str) -> Judgement:
    return Judgement(Write.REFUSED, reason, sentence)


def _taken(warnings: tuple[str, ...]) -> Judgement:
    return Judgement(Write.POLICY, Reason.POLICY_TAKEN, SENTENCES[Reason.POLICY_TAKEN], warnings=warnings)


def _may_write(user: UserInfo, settings: Settings, policies: Policies | None) -> str | None:
    if user.username in settings.policy_writers:
        return None
    if is_controller(user):
        return (
            "controllers and ServiceAccounts write no policies, whatever they are granted; if this one should, name it "
            "in the setting policyWriters"
        )
    if policies is not None and policies.people.is_agent(user):
        return "agents never write policies"
    return None


def _problem(raw: Mapping[str, Any], settings: Settings, policies: Policies) -> str | None:
    try:
        policy = ApprovalPolicy.parse({**raw, "status": None})
    except ValidationError as error:
        return describe(error, "policy")
    if problems := check(policy, settings):
        return "; ".join(problems)
    new = read_policy(raw, settings)
    if all(_is_known(agent, policies.all) for agent in new.agents):
        return None  # where there are too many already, who names nobody else may still be stricter
    return check_total([*(other for other in policies.all if other.name != new.name), new])


def _not_yet(new: Policy, policies: Policies) -> tuple[str, ...]:
    unknown = [_words(agent) for agent in new.agents if not _is_known(agent, policies.all)]
    if not unknown:
        return ()
    wait = f"kubectl wait --for=condition=Enforced --timeout=60s approvalpolicy/{new.name}"
    return (f"{', '.join(unknown)} is not gated yet, but from the condition Enforced on: {wait}",)


def _over(new: Policy, now: datetime) -> tuple[str, ...]:
    return tuple(
        f"{_words(agent)} is past its `until` already and is refused"
        for agent in new.agents
        if agent.until and now > agent.until
    )


def _let_go(
    old: Mapping[str, Any] | None, new: Policy | None, policies: Policies, settings: Settings
) -> tuple[str, ...]:
    """Say whom no policy gates any more after this write."""
    if old is None:
        return ()
    before = read_policy(old, settings)
    rest = [*(other for other in policies.all if other.name != before.name), *([] if new is None else [new])]
    gone = [_words(agent) for agent in before.agents if not _is_known(agent, rest)]
    if not gone:
        return ()
    return (f"no other policy names {', '.join(gone)}: refused at first, and ungated as soon as the operator sees it",)


def _is_known(agent: Agent, policies: list[Policy] | tuple[Policy, ...]) -> bool:
    return any(
        (agent.kind, agent.name, agent.namespace) == (other.kind, other.name, other.namespace)
        for policy in policies
        for other in policy.agents
    )


def _words(agent: Agent) -> str:
    where = f"{agent.namespace}/{agent.name or '*'}" if agent.namespace else agent.name
    return f"{agent.kind} {where}"
