"""What the policies say about one change: one pure function, at use, for the very request.

The rules of it:
* A policy is about whom it names. Who is sent to the gate and named by none is refused.
* Whoever is named by an entry that has ended is refused, before any rule.
* Within a policy the first rule that matches wins; where none does, one approval of anyone who holds the verb is asked.
* Across policies the most restrictive action wins (Deny, RequireApproval, Allow), and every requirement must be met.
* An observing policy decides only where no enforcing one names the requester.
* An invalid policy denies whatever its agents ask, also where it says Observe. So does one whose condition fails.
* attach, portforward and exec with stdin open a session that nobody sees: a policy leaves them approvable only by a
  rule that names the subresource.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, assert_never

from kubeapprove.cel import CelError, Condition, Facts
from kubeapprove.identity import Agent, People, UserInfo
from kubeapprove.policies import NamespaceSelector, PolicyMode, RuleAction, SelectorExpression
from kubeapprove.request import Operation, Request
from kubeapprove.requirements import Requirement

DEFAULT_RULE: Final = ""
"""The rule's name where none matched."""
SESSION: Final = (
    "attach, port-forward and exec with stdin open a session that nobody sees, and no rule that names the subresource "
    "makes them approvable; ask for single commands without -i"
)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to be matched. Empty sets match everything; `resources` are (resource, subresource) patterns."""

    name: str
    action: RuleAction
    requirement: Requirement
    operations: frozenset[Operation] = frozenset()
    groups: frozenset[str] = frozenset()
    resources: tuple[tuple[str, str | None], ...] = ()
    namespaces: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    selector: NamespaceSelector | None = None
    condition: Condition | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as it is in force. `problem` says why it is invalid: then it denies, and its agents stay agents."""

    name: str
    agents: tuple[Agent, ...] = ()
    rules: tuple[CompiledRule, ...] = ()
    mode: PolicyMode = PolicyMode.ENFORCE
    problem: str = ""
    generation: int = 0
    uid: str = ""

    @property
    def enforces(self) -> bool:
        """Whether it refuses; an invalid one does."""
        return self.mode is PolicyMode.ENFORCE or bool(self.problem)


@dataclass(frozen=True, slots=True)
class Question:
    """One change of one requester. `labels` are its namespace's, None where there is none or no rule asks for them."""

    request: Request
    change: Mapping[str, Any]
    labels: Mapping[str, str] | None = None
    facts: Facts = field(init=False)
    namespace: str = field(init=False)
    """The namespace that the object is in; a Namespace is in none, whatever its review says."""
    name: str = field(init=False)
    patterns: frozenset[tuple[str, str | None]] = field(init=False)
    """The patterns of resources that are about this one."""

    def __post_init__(self) -> None:
        """Prepare what every rule asks, and what conditions read: that is not converted before one of them asks."""
        request, resource = self.request, self.request.resource
        is_namespace = (resource.group, resource.resource) == ("", "namespaces")
        prepared = {
            "facts": Facts(self.change, request.object, request.old_object, _as_variable(request)),
            "namespace": "" if is_namespace else request.namespace,
            "name": _object_name(request),
            "patterns": frozenset(_patterns(resource.resource, request.subresource)),
        }
        for field_, value in prepared.items():
            object.__setattr__(self, field_, value)


def _as_variable(request: Request) -> dict[str, Any]:
    return {
        "operation": str(request.operation),
        "resource": request.resource.as_dict(),
        "subresource": request.subresource,
        "namespace": request.namespace,
        "name": _object_name(request),
        "userInfo": request.user.as_dict(),
        "dryRun": request.dry_run,
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """What one policy says: its action, by which rule, and for a Deny the sentence."""

    policy: str
    rule: str
    action: RuleAction
    requirement: Requirement | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What all policies say together. `observed`: nothing is refused because of it."""

    action: RuleAction
    findings: tuple[Finding, ...]
    observed: bool = False

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What is asked for."""
        return tuple(finding.requirement for finding in self.findings if finding.requirement is not None)

    @property
    def sentence(self) -> str:
        """Why it is denied, or what lets it pass."""
        for finding in self.findings:
            if finding.action is RuleAction.DENY:
                return finding.sentence
        rules = (f"policy {finding.policy}, rule {finding.rule}" for finding in self.findings)
        return f"allowed by {' and '.join(rules)}"


class Policies:
    """Every policy of an installation, as they were listed at one moment."""

    def __init__(self, policies: Sequence[Policy], named_roles: frozenset[str] = frozenset()) -> None:
        self.all = tuple(policies)
        agents = tuple(agent for policy in self.all for agent in policy.agents)
        self.people = People(agents, named_roles)

    def naming(self, user: UserInfo) -> tuple[Policy, ...]:
        """Return the policies that decide about somebody: the enforcing ones that name them, else the observing."""
        found = [policy for policy in self.all if any(agent.matches(user) for agent in policy.agents)]
        return tuple([policy for policy in found if policy.enforces] or found)

    def ended(self, user: UserInfo, now: datetime) -> tuple[str, datetime] | None:
        """Return policy and moment where an entry that names somebody has ended, None while all go on."""
        return next(
            (
                (policy.name, agent.until)
                for policy in self.naming(user)
                for agent in policy.agents
                if agent.until is not None and now > agent.until and agent.matches(user)
            ),
            None,
        )

    def lets_owner_approve(self, user: UserInfo) -> bool:
        """Whether some rule about an agent lets its owner approve; whether that rule matches is said at use."""
        return any(rule.requirement.allow_owner for policy in self.naming(user) for rule in policy.rules)

    def asks_for_labels(self, user: UserInfo) -> bool:
        """Whether a rule about somebody selects namespaces by their labels."""
        return any(rule.selector is not None for policy in self.naming(user) for rule in policy.rules)

    def rule(self, question: Question) -> Ruling | None:
        """Judge a change; None where no policy names its requester. Looks at no `until`: `ended` does."""
        naming = self.naming(question.request.user)
        if not naming:
            return None
        findings = tuple(_judge(policy, question) for policy in naming)
        actions = {finding.action for finding in findings}
        strictest = next(action for action in _BY_STRICTNESS if action in actions)
        return Ruling(strictest, findings, observed=not any(policy.enforces for policy in naming))


_BY_STRICTNESS: Final = (RuleAction.DENY, RuleAction.REQUIRE_APPROVAL, RuleAction.ALLOW)


def _judge(policy: Policy, question: Question) -> Finding:
    if policy.problem:
        sentence = f"policy {policy.name} cannot be used and denies until a person corrects it: {policy.problem}"
        return Finding(policy.name, DEFAULT_RULE, RuleAction.DENY, sentence=sentence)
    try:
        rule = next((rule for rule in policy.rules if why_not(rule, question) is None), None)
    except CelError as error:
        sentence = f"policy {policy.name} cannot judge this change and denies it: {error}"
        return Finding(policy.name, DEFAULT_RULE, RuleAction.DENY, sentence=sentence)
    name = DEFAULT_RULE if rule is None else rule.name
    if opens_session(question.request) and not (rule is not None and _names_subresource(rule, question)):
        return Finding(policy.name, name, RuleAction.DENY, sentence=SESSION)
    if rule is None:
        return Finding(policy.name, name, RuleAction.REQUIRE_APPROVAL, Requirement(policy=policy.name))
    if rule.action is RuleAction.DENY:
        sentence = f"denied by policy {policy.name}, rule {name}" + (f": {rule.message}" if rule.message else "")
        return Finding(policy.name, name, RuleAction.DENY, sentence=sentence)
    requirement = rule.requirement if rule.action is RuleAction.REQUIRE_APPROVAL else None
    return Finding(policy.name, name, rule.action, requirement)


def why_not(rule: CompiledRule, question: Question) -> str | None:
    """Return what of a rule does not match, None where it matches; raises CelError where its condition fails."""
    request, resource = question.request, question.request.resource
    if rule.operations and request.operation not in rule.operations:
        return "operations"
    if rule.groups and resource.group not in rule.groups and "*" not in rule.groups:
        return "apiGroups"
    if rule.resources and question.patterns.isdisjoint(rule.resources):
        return "resources"
    if rule.namespaces and question.namespace not in rule.namespaces:
        return "namespaces"
    if rule.names and question.name not in rule.names:
        return "names"
    if rule.selector is not None and not (question.namespace and _selects(rule.selector, question.labels)):
        return "namespaceSelector"
    if rule.condition is not None:
        try:
            return None if rule.condition.holds(question.facts) else "when"
        except CelError as error:
            raise CelError(f"rule {rule.name}, when: {error}") from None
    return None


def _patterns(plural: str, subresource: str) -> Iterator[tuple[str, str | None]]:
    """Yield what is about a resource: `*`, `pods`, `pods/exec`, `pods/*` or `*/exec`, and `*/*`, which is about all."""
    yield "*", "*"
    for resource in ("*", plural):
        if subresource:
            yield resource, "*"
            yield resource, subresource
        else:
            yield resource, None


def _names_subresource(rule: CompiledRule, question: Question) -> bool:
    named = (pattern for pattern in rule.resources if pattern[1] == question.request.subresource)
    return not question.patterns.isdisjoint(named)


def opens_session(request: Request) -> bool:
    """Whether a connection lets its caller type what nobody sees."""
    if request.operation is not Operation.CONNECT or request.resource.resource != "pods":
        return False
    if request.subresource == "exec":
        return bool((request.object or {}).get("stdin"))
    return request.subresource in ("attach", "portforward")


def _object_name(request: Request) -> str:
    """The object's name; of a collection's DELETE the review has none, its old object has."""
    if request.name:
        return request.name
    body = request.old_object or request.object or {}
    name = body.get("metadata", {}).get("name")
    return name if type(name) is str else ""


def _selects(selector: NamespaceSelector, labels: Mapping[str, str] | None) -> bool:
    if labels is None:
        return False
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    return all(_holds(expression, labels) for expression in selector.match_expressions)


def _holds(expression: SelectorExpression, labels: Mapping[str, str]) -> bool:
    match expression.operator:
        case "In":
            return labels.get(expression.key) in expression.values
        case "NotIn":
            return labels.get(expression.key) not in expression.values
        case "Exists":
            return expression.key in labels
        case "DoesNotExist":
            return expression.key not in labels
        case _:
            assert_never(expression.operator)
