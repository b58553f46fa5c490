"""What a policy may say: checked when one is written, with place and remedy, and again whenever one is read.

A policy that came in while nobody checked it is invalid: it denies what its agents ask and says why (see `ruling`).
Identities that no policy may gate are never agents, in no policy: gating them would stop the cluster or ourselves.

What is *not* checked: whether groups, users, roles, namespaces or kinds exist.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from kubeapprove.cel import CelError, compile_condition
from kubeapprove.identity import SERVICE_ACCOUNT_GROUP, Agent, AgentKind, role_arn
from kubeapprove.policies import (
    Approval,
    ApprovalPolicy,
    ApproverKind,
    Match,
    PolicyAgent,
    Rule,
    RuleAction,
    SelectorExpression,
)
from kubeapprove.printable import is_safe, safe
from kubeapprove.registration import agents_expression
from kubeapprove.requirements import required
from kubeapprove.ruling import CompiledRule, Policy
from kubeapprove.settings import Settings
from kubeapprove.wording import describe

MAX_TOTAL_AGENTS: Final = 64
"""Lines of all policies together: the API server's budget for one expression, with a caller in 1,000 groups."""
MAX_TOTAL_TEXT: Final = 100_000
"""Characters of the expression that matches them: as much as the API server's CEL reads."""
_RESOURCE = re.compile(r"(?:\*|[a-z0-9][a-z0-9.-]*)(?:/(?:\*|[a-z0-9][a-z0-9.-]*))?")
_SERVICE_ACCOUNT = "system:serviceaccount:"


def read_policy(raw: Mapping[str, Any], settings: Settings) -> Policy:
    """Return a stored policy as it is in force; never raises: one that cannot be used is invalid and says why."""
    metadata = raw.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    name, uid = str(metadata.get("name", "")), str(metadata.get("uid", ""))
    generation = metadata.get("generation")
    generation = generation if type(generation) is int else 0
    spec = raw.get("spec")
    agents = tuple(_agents(spec.get("agents") if type(spec) is dict else None, settings))
    invalid = Policy(name, agents, generation=generation, uid=uid)
    if metadata.get("deletionTimestamp") is not None:  # what is written to it now reaches no webhook of ours
        return replace(invalid, problem="it is being deleted and no longer checked; remove its finalizers")
    try:
        policy = ApprovalPolicy.parse({**raw, "status": None})
    except ValidationError as error:
        return replace(invalid, problem=describe(error, "policy"))
    if problems := check(policy, settings):
        return replace(invalid, problem="; ".join(problems))
    rules = tuple(_compile(name, rule) for rule in policy.spec.rules)
    return replace(invalid, rules=rules, mode=policy.spec.mode)


def hides_agents(raw: Mapping[str, Any]) -> bool:
    """Whether a stored policy has agents that cannot be read: then nobody may be dropped because of it."""
    spec = raw.get("spec")
    entries = spec.get("agents") if type(spec) is dict else None
    return type(entries) is not list or any(_agent(entry) is None for entry in entries)


def _agents(entries: Any, settings: Settings) -> Iterator[Agent]:
    """Yield whoever a stored policy names, as far as that can be read and as far as anybody may be an agent."""
    for entry in entries if type(entries) is list else ():
        agent = _agent(entry)
        if agent is not None and agent_problem(agent, settings) is None:
            yield Agent(agent.kind, _named(agent), agent.namespace, agent.owner or "", agent.until)


def _named(agent: PolicyAgent) -> str:
    """The name as it is compared: a role has several notations."""
    return (role_arn(agent.name) if agent.kind is AgentKind.IAM_ROLE else None) or agent.name


def _agent(entry: Any) -> PolicyAgent | None:
    try:
        return PolicyAgent.parse(entry)
    except ValidationError:
        pass
    try:  # a field that this version does not know, or an odd owner, makes nobody a person again
        return PolicyAgent.parse({key: entry.get(key, "") for key in ("kind", "name", "namespace")})
    except (ValidationError, AttributeError):
        return None


def _compile(policy: str, rule: Rule) -> CompiledRule:
    match = rule.match
    return CompiledRule(
        name=rule.name,
        action=rule.action,
        requirement=required(policy, rule.name, rule.approval),
        operations=frozenset(match.operations),
        groups=frozenset(match.api_groups),
        resources=tuple(_pattern(resource) for resource in match.resources),
        namespaces=frozenset(match.namespaces),
        names=frozenset(match.names),
        selector=match.namespace_selector,
        condition=None if rule.when is None else compile_condition(rule.when),
        message=rule.message,
    )


def _pattern(resource: str) -> tuple[str, str | None]:
    plural, slash, subresource = resource.partition("/")
    return plural, subresource if slash else None


def check(policy: ApprovalPolicy, settings: Settings) -> list[str]:
    """Return what is wrong with a policy, each with its place and what to write instead; empty where it can be used."""
    spec = policy.spec
    return [
        *_check_agents(spec.agents, settings),
        *_check_names(spec.rules),
        *(
            f"spec.rules[{index}]{place}: {sentence}"
            for index, rule in enumerate(spec.rules)
            for place, sentence in _check_rule(rule, spec.agents)
        ),
        *_check_reachable(spec.rules),
    ]


def check_total(policies: Iterable[Policy]) -> str | None:
    """Return why these policies cannot be in force together, None where they can."""
    agents = [agent for policy in policies for agent in policy.agents]
    total = len({(agent.kind, agent.name, agent.namespace) for agent in agents})
    if total <= MAX_TOTAL_AGENTS:
        if len(agents_expression(agents)) <= MAX_TOTAL_TEXT:
            return None
        return "the agents of all policies together have longer names than the API server can match: name fewer of them"
    return (
        f"all policies together would name {total} agents, and {MAX_TOTAL_AGENTS} is the most that the API server can "
        "match: name a group, or a whole namespace's ServiceAccounts, in place of many single ones"
    )


def _check_agents(agents: Sequence[PolicyAgent], settings: Settings) -> Iterator[str]:
    known: set[tuple[str, str, str]] = set()
    for index, agent in enumerate(agents):
        if (sentence := agent_problem(agent, settings)) is not None:
            yield f"spec.agents[{index}]: {sentence}"
        if (agent.kind, _named(agent), agent.namespace) in known:
            yield f"spec.agents[{index}]: it is named twice; say owner and until once"
        known.add((agent.kind, _named(agent), agent.namespace))
        if agent.owner is not None and agent.owner.startswith("system:"):
            yield f"spec.agents[{index}].owner: an owner is a person; name them by username, or by an IAM ARN"


def agent_problem(agent: PolicyAgent, settings: Settings) -> str | None:
    """Return why nobody may gate this identity, or what its entry lacks; None where it may be an agent."""
    is_account = agent.kind is AgentKind.SERVICE_ACCOUNT
    if is_account != bool(agent.namespace):
        return "a ServiceAccount needs a namespace, and nothing else has one"
    if agent.name in ("", SERVICE_ACCOUNT_GROUP) and not is_account:
        return "name whom you mean: an empty name matches nobody"
    namespace = agent.namespace
    if agent.kind is AgentKind.GROUP and agent.name.startswith(SERVICE_ACCOUNT_GROUP):
        namespace = agent.name.removeprefix(SERVICE_ACCOUNT_GROUP)
    elif agent.kind in (AgentKind.GROUP, AgentKind.USER) and agent.name.startswith("system:"):
        return (
            "identities that begin with system: are the cluster's own; for ServiceAccounts write kind: ServiceAccount "
            "with namespace and name (without a name: all of the namespace)"
        )
    if namespace == "kube-system":
        return "ServiceAccounts of kube-system run the cluster and are never agents"
    if namespace == settings.system_namespace:
        return "our own ServiceAccounts are never agents: their calls must not come back to the gate"
    if agent.kind is AgentKind.IAM_ROLE and role_arn(agent.name) is None:
        return "name the role by its ARN, arn:aws:iam::<account>:role/<name>: anything else would match nobody"
    return None


def _check_names(rules: Sequence[Rule]) -> Iterator[str]:
    names = [rule.name for rule in rules]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"spec.rules[{index}].name: {name} is the name of an earlier rule; refusals could not tell them apart"


def _check_rule(rule: Rule, agents: Sequence[PolicyAgent]) -> Iterator[tuple[str, str]]:
    yield from ((f".match{place}", sentence) for place, sentence in _check_match(rule.match))
    if not is_safe(rule.message):
        yield ".message", "write one line of plain text, without line breaks or control characters"
    if rule.when is not None:
        try:
            compile_condition(rule.when)
        except CelError as error:
            yield ".when", str(error)
    if rule.action is RuleAction.ALLOW:
        yield from _check_allow(rule.match)
    if rule.approval is not None:
        if rule.action is not RuleAction.REQUIRE_APPROVAL:
            yield ".approval", f"only RequireApproval asks for approval; remove it, or change the action {rule.action}"
        yield from ((f".approval{place}", sentence) for place, sentence in _check_approval(rule.approval, agents))


def _check_match(match: Match) -> Iterator[tuple[str, str]]:
    for field in ("operations", "api_groups", "resources", "namespaces", "names"):
        if field in match.model_fields_set and not getattr(match, field):
            place = "apiGroups" if field == "api_groups" else field
            yield f".{place}", "an empty list says nothing; leave it out to match everything"
    for resource in match.resources:
        if not _RESOURCE.fullmatch(resource):
            yield (
                ".resources",
                f"{safe(resource)} is no resource; write the plural in lower case: deployments, pods/exec, */*",
            )
    if match.namespace_selector is not None:
        for expression in match.namespace_selector.match_expressions:
            if (sentence := _check_expression(expression)) is not None:
                yield ".namespaceSelector", sentence
        if not match.namespace_selector.match_labels and not match.namespace_selector.match_expressions:
            yield ".namespaceSelector", "it selects every namespace; leave it out"


def _check_expression(expression: SelectorExpression) -> str | None:
    needs_values = expression.operator in ("In", "NotIn")
    if needs_values != bool(expression.values):
        return f"{expression.operator} needs {'values' if needs_values else 'no values'}"
    return None


def _check_allow(match: Match) -> Iterator[tuple[str, str]]:
    if match.namespace_selector is not None:
        yield ".match.namespaceSelector", "an Allow rule names its namespaces: labels can be asked for by an agent"
    for field, place in (("operations", "operations"), ("api_groups", "apiGroups"), ("resources", "resources")):
        if not getattr(match, field):
            yield f".match.{place}", "an Allow rule says what it allows; name them"


def _check_approval(approval: Approval, agents: Sequence[PolicyAgent]) -> Iterator[tuple[str, str]]:
    approvers = approval.approvers
    if approvers is None:
        return
    if not approvers:
        yield (
            ".approvers",
            "nobody could approve; name groups or users, or leave it out for whoever holds the verb approve",
        )
        return
    for index, approver in enumerate(approvers):
        if approver.name.startswith((_SERVICE_ACCOUNT, "system:serviceaccounts", "system:node", "system:kube-")):
            yield f".approvers[{index}]", "controllers and ServiceAccounts never decide; name people"
        if approver.name.splitlines() != [approver.name]:  # kubectl describe would show more lines to approvers
            yield f".approvers[{index}]", "write the name in one line"
        if any((str(agent.kind), agent.name) == (str(approver.kind), approver.name) for agent in agents):
            yield f".approvers[{index}]", "this policy makes them an agent, and agents never decide; name people"
    names = {approver.name for approver in approvers}
    if all(approver.kind is ApproverKind.USER for approver in approvers) and len(names) < approval.count:
        yield ".count", f"{approval.count} people are asked for and {len(names)} listed; list more or ask for fewer"


def _check_reachable(rules: Sequence[Rule]) -> Iterator[str]:
    for index, rule in enumerate(rules):
        for earlier in rules[:index]:
            if earlier.when is None and _includes(earlier.match, rule.match):
                yield (
                    f"spec.rules[{index}]: rule {rule.name} is never reached: the earlier rule {earlier.name} matches "
                    "whatever it matches; move it before that one, or remove it"
                )
                break


def _includes(wide: Match, narrow: Match) -> bool:
    """Whether whatever `narrow` matches, `wide` matches too, as far as their lists tell."""
    if wide.namespace_selector is not None and wide.namespace_selector != narrow.namespace_selector:
        return False
    lists = (
        (wide.operations, narrow.operations),
        (wide.namespaces, narrow.namespaces),
        (wide.names, narrow.names),
        (() if "*" in wide.api_groups else wide.api_groups, narrow.api_groups),
    )
    if any(first and not (second and set(second) <= set(first)) for first, second in lists):
        return False
    if not wide.resources or "*/*" in wide.resources:
        return True
    return bool(narrow.resources) and all(
        any(_resource_includes(first, second) for first in wide.resources) for second in narrow.resources
    )


def _resource_includes(wide: str, narrow: str) -> bool:
    first, second = _pattern(wide), _pattern(narrow)
    if (first[1] is None) != (second[1] is None):
        return False
    return first[0] in ("*", second[0]) and first[1] in ("*", second[1])
