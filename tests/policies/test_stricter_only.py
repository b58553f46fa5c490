"""Adding an enforcing policy never loosens a ruling; taking an observing one away never changes an enforced one."""

from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.policies import PolicyMode, RuleAction
from kubeapprove.ruling import CompiledRule, Policies, Policy, Question, Ruling
from tests.policies import scenes

STRICTNESS = (RuleAction.ALLOW, RuleAction.REQUIRE_APPROVAL, RuleAction.DENY)
NAMES = ("a", "b", "c", "d")
MATCHES: tuple[dict[str, Any], ...] = (
    {"operations": ["CREATE", "UPDATE"], "apiGroups": ["*"], "resources": ["*"]},
    {"operations": ["DELETE"], "apiGroups": ["*"], "resources": ["*/*"]},
    {"operations": ["CREATE", "DELETE"], "apiGroups": [""], "resources": ["pods", "pods/*"], "namespaces": ["dev"]},
    {"operations": ["UPDATE"], "apiGroups": ["apps"], "resources": ["deployments", "*/scale"], "names": ["a"]},
)
CONDITIONS = ("true", "request.namespace == 'dev'", "change.fields.size() == 0")
TERMS = {"count": 2, "allowOwner": True, "approvers": [{"kind": "Group", "name": "platform"}]}


def compiled() -> list[CompiledRule]:
    """Return one rule for each action, match and condition; the last condition fails on what is no UPDATE."""
    written = (
        scenes.rule(f"r{number}", str(action), match=match, when=when, **_terms(action))
        for number, (action, match, when) in enumerate(product(STRICTNESS, MATCHES, CONDITIONS))
    )
    return [rule for entry in written for rule in scenes.policy(entry).rules]


def _terms(action: RuleAction) -> dict[str, Any]:
    return {"approval": TERMS} if action is RuleAction.REQUIRE_APPROVAL else {}


RULES = st.lists(st.sampled_from(compiled()), max_size=3).map(tuple)
AGENTS = tuple((Agent(AgentKind.GROUP, group),) for group in ("agents", "agents", "others"))
QUESTIONS = st.sampled_from(
    [
        scenes.question(scenes.request(operation, resource, namespace=namespace))
        for operation in ("CREATE", "UPDATE", "DELETE")
        for resource in ("pods", "pods/exec", "deployments", "deployments/scale", "namespaces")
        for namespace in ("dev", "prod")
    ]
)


def policies(*modes: PolicyMode) -> st.SearchStrategy[Policy]:
    """Return policies of these modes, of any where none is given; a few of them cannot be used."""
    return st.builds(
        Policy,
        st.sampled_from(NAMES),
        st.sampled_from(AGENTS),
        RULES,
        st.sampled_from(modes or tuple(PolicyMode)),
        st.sampled_from(["", "", "", "no CEL"]),
    )


KNOWN = st.lists(policies(), max_size=4)


def rule(of: Question, *known: Policy) -> Ruling | None:
    return Policies(known).rule(of)


@given(KNOWN, policies(PolicyMode.ENFORCE).map(lambda one: replace(one, agents=AGENTS[0])), QUESTIONS)
def test_an_enforcing_policy_more_is_never_less_strict(known: list[Policy], more: Policy, of: Question) -> None:
    before, after = rule(of, *known), rule(of, *known, more)
    assert after is not None
    assert not after.observed
    if before is not None and not before.observed:
        assert STRICTNESS.index(after.action) >= STRICTNESS.index(before.action)
        assert set(after.requirements) >= set(before.requirements)


@given(KNOWN, QUESTIONS)
def test_without_an_observing_policy_an_enforced_ruling_is_the_same(known: list[Policy], of: Question) -> None:
    before = rule(of, *known)
    if before is None or before.observed:
        return
    for index, one in enumerate(known):
        if not one.enforces:
            assert rule(of, *known[:index], *known[index + 1 :]) == before


@given(KNOWN, QUESTIONS)
def test_the_order_of_policies_says_nothing(known: list[Policy], of: Question) -> None:
    forward, backward = rule(of, *known), rule(of, *reversed(known))
    assert (forward is None) == (backward is None)
    if forward is not None and backward is not None:
        assert (forward.action, forward.observed) == (backward.action, backward.observed)
        assert set(forward.requirements) == set(backward.requirements)


@given(KNOWN, QUESTIONS)
def test_allowed_is_what_every_policy_allows_that_names_the_requester(known: list[Policy], of: Question) -> None:
    found = rule(of, *known)
    naming = [one for one in known if one.agents == AGENTS[0]]
    assert (found is None) == (naming == [])
    if found is not None and found.action is RuleAction.ALLOW:
        alone = [rule(of, one) for one in naming if one.enforces or found.observed]
        assert [one.action for one in alone if one is not None] == [RuleAction.ALLOW] * len(alone)
