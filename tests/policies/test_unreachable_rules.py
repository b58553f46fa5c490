"""A rule that an earlier one hides is refused, and only such a rule is: told so, it is never the first match.

What is refused, hypothesis tries with random requests; what is not, the table: a rule that some request reaches may not
be refused.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.policycheck import read_policy
from kubeapprove.request import Request
from kubeapprove.ruling import Question, why_not
from tests.policies import scenes
from tests.policies.scenes import allows, asks, rule

Match = dict[str, Any]
DEV = {"matchLabels": {"env": "dev"}}

HIDDEN: dict[str, tuple[Match, Match]] = {
    "everything": ({}, {}),
    "everything, and one operation": ({}, {"operations": ["CREATE"]}),
    "two operations, and one": ({"operations": ["CREATE", "DELETE"]}, {"operations": ["DELETE"]}),
    "every group, and one": ({"apiGroups": ["*"]}, {"apiGroups": ["apps"]}),
    "every group, and all": ({"apiGroups": ["*"]}, {}),
    "two namespaces, and one": ({"namespaces": ["a", "b"]}, {"namespaces": ["b"], "names": ["x"]}),
    "a name": ({"names": ["x"]}, {"names": ["x"]}),
    "everything, and a selector": ({}, {"namespaceSelector": DEV}),
    "the same selector": ({"namespaceSelector": DEV}, {"namespaceSelector": DEV, "operations": ["CREATE"]}),
    "every resource": ({"resources": ["*/*"]}, {"resources": ["pods", "pods/exec"]}),
    "every resource, and all": ({"resources": ["*/*"]}, {}),
    "every resource, and every resource": ({"resources": ["*/*"]}, {"resources": ["*/*"]}),
    "no subresource": ({"resources": ["*"]}, {"resources": ["pods", "*"]}),
    "a resource": ({"resources": ["pods"]}, {"resources": ["pods"]}),
    "all of its subresources": ({"resources": ["pods/*"]}, {"resources": ["pods/exec", "pods/*"]}),
    "every scale": ({"resources": ["*/scale"]}, {"resources": ["deployments/scale"]}),
    "each of two by another": ({"resources": ["pods/*", "*"]}, {"resources": ["pods/exec", "pods"]}),
}
REACHED: dict[str, tuple[Match, Match]] = {
    "another operation": ({"operations": ["CREATE"]}, {"operations": ["CREATE", "UPDATE"]}),
    "every operation": ({"operations": ["CREATE", "UPDATE"]}, {}),
    "another group": ({"apiGroups": ["apps"]}, {"apiGroups": ["apps", ""]}),
    "every group": ({"apiGroups": ["apps"]}, {"apiGroups": ["*"]}),
    "other namespaces": ({"namespaces": ["a"]}, {"namespaces": ["a", "b"]}),
    "all namespaces": ({"namespaces": ["a"]}, {}),
    "other names": ({"names": ["x"]}, {}),
    "what a selector leaves": ({"namespaceSelector": DEV}, {}),
    "another selector": ({"namespaceSelector": DEV}, {"namespaceSelector": {"matchLabels": {"env": "b"}}}),
    "a selector before namespaces": ({"namespaceSelector": DEV}, {"namespaces": ["a"]}),
    "subresources behind none": ({"resources": ["*"]}, {"resources": ["pods/exec"]}),
    "none behind subresources": ({"resources": ["pods/*"]}, {"resources": ["pods"]}),
    "everything behind none": ({"resources": ["*"]}, {"resources": ["*/*"]}),
    "all resources": ({"resources": ["pods"]}, {}),
    "another subresource": ({"resources": ["pods/exec"]}, {"resources": ["pods/*"]}),
    "another resource's": ({"resources": ["pods/*"]}, {"resources": ["*/exec"]}),
    "one of two": ({"resources": ["pods"]}, {"resources": ["pods", "secrets"]}),
}


@pytest.mark.parametrize("scenario", HIDDEN)
def test_hidden(scenario: str) -> None:
    wide, narrow = HIDDEN[scenario]
    assert scenes.problem(rule("one", match=wide), asks("two", match=narrow)) == (
        "spec.rules[1]: rule two is never reached: the earlier rule one matches whatever it matches; move it before "
        "that one, or remove it"
    )


@pytest.mark.parametrize("scenario", REACHED)
def test_reached(scenario: str) -> None:
    wide, narrow = REACHED[scenario]
    assert scenes.problem(rule("one", match=wide), asks("two", match=narrow)) == ""


def test_behind_a_condition_every_rule_is_reached() -> None:
    assert scenes.problem(rule("one", when="false"), rule("two")) == ""


def test_a_condition_of_its_own_does_not_bring_it_back() -> None:
    assert "rule two is never reached" in scenes.problem(rule("one"), rule("two", when="true"))


def test_it_is_told_once_for_each_rule() -> None:
    told = scenes.problem(rule("one"), rule("two"), allows("three"))
    assert told.count("never reached: the earlier rule one") == 2


OPERATIONS = ("CREATE", "UPDATE", "DELETE")
RESOURCES = ("pods", "pods/exec", "pods/scale", "deployments", "deployments/scale", "namespaces", "nodes")
PATTERNS = (*RESOURCES, "*", "*/*", "pods/*", "*/scale")


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "operations": some(OPERATIONS),
        "apiGroups": some(("", "apps", "*")),
        "resources": some(PATTERNS),
        "namespaces": some(("a", "b")),
        "names": some(("a", "b")),
        "namespaceSelector": st.sampled_from([DEV, {"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}]),
    },
)
REQUESTS = st.builds(
    scenes.request,
    st.sampled_from(OPERATIONS),
    st.sampled_from(RESOURCES),
    namespace=st.sampled_from(["a", "b", "c"]),
    name=st.sampled_from(["a", "b", "c"]),
)
LABELS = st.sampled_from([None, {}, {"env": "dev"}, {"env": "b"}])


@given(matches=st.lists(MATCHES, min_size=2, max_size=4), requests=st.lists(REQUESTS, max_size=8), labels=LABELS)
def test_what_is_told_to_be_unreachable_is_never_the_first_match(
    matches: list[Match], requests: list[Request], labels: dict[str, str] | None
) -> None:
    rules = [rule(f"r{index}", match=match) for index, match in enumerate(matches)]
    told = scenes.problem(*rules)
    behind = scenes.policy(*(entry | {"when": "true"} for entry in rules)).rules
    for request in requests:
        question = Question(request, {}, labels)
        first = next((one.name for one in behind if why_not(one, question) is None), None)
        assert first is None or f"rule {first} is never reached" not in told


def test_a_policy_with_a_hidden_rule_is_invalid_when_it_is_read() -> None:
    assert read_policy(scenes.raw(rule("one"), rule("two")), scenes.SETTINGS).enforces
