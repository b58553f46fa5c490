"""`namespaces` and `namespaceSelector` are about what is in a namespace: never cluster-scoped objects, nor Namespaces.

A Namespace's own review calls its name a namespace: a rule that lets changes in `dev` pass must not let `dev` itself.
"""

from collections.abc import Mapping

import pytest

from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from tests.policies import scenes

BY_NAME = scenes.policy(scenes.rule(match={"namespaces": ["dev"]}))
BY_LABEL = scenes.policy(scenes.rule(match={"namespaceSelector": {"matchLabels": {"env": "dev"}}}))
BY_ABSENCE = scenes.policy(
    scenes.rule(match={"namespaceSelector": {"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}})
)
IN_NONE: dict[str, Request] = {
    "a Namespace of that name": scenes.request("UPDATE", "namespaces", name="dev"),
    "its status": scenes.request("UPDATE", "namespaces/status", name="dev"),
    "its end": scenes.request("UPDATE", "namespaces/finalize", name="dev"),
    "all Namespaces": scenes.request("DELETE", "namespaces", name="", oldObject=scenes.thing("namespaces", "dev")),
    "a Node of that name": scenes.request("UPDATE", "nodes", name="dev"),
    "a ClusterRole": scenes.request("CREATE", "clusterroles", name="dev"),
}


@pytest.mark.parametrize("scenario", IN_NONE)
@pytest.mark.parametrize("labels", [None, {}, {"env": "dev"}], ids=str)
def test_what_is_in_no_namespace_is_not_matched(scenario: str, labels: Mapping[str, str] | None) -> None:
    for policy in (BY_NAME, BY_LABEL, BY_ABSENCE):
        assert scenes.answer(IN_NONE[scenario], policy, labels=labels) == "RequireApproval -"


def test_namespaces_of_another_group_are_objects_like_others() -> None:
    request = scenes.request("CREATE", "namespaces", group="example.org", name="dev")
    assert request.namespace == "dev"
    assert scenes.answer(request, BY_NAME) == "Deny r"


SELECTORS: dict[str, tuple[dict[str, object], dict[str, str], bool]] = {
    "the label": ({"matchLabels": {"env": "dev"}}, {"env": "dev", "x": "y"}, True),
    "another value": ({"matchLabels": {"env": "dev"}}, {"env": "prod"}, False),
    "no label": ({"matchLabels": {"env": "dev"}}, {}, False),
    "one of two labels": ({"matchLabels": {"env": "dev", "team": "a"}}, {"env": "dev"}, False),
    "In": ({"matchExpressions": [{"key": "env", "operator": "In", "values": ["a", "b"]}]}, {"env": "b"}, True),
    "In, another": ({"matchExpressions": [{"key": "env", "operator": "In", "values": ["a"]}]}, {"env": "b"}, False),
    "In, none": ({"matchExpressions": [{"key": "env", "operator": "In", "values": ["a"]}]}, {}, False),
    "NotIn": ({"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["a"]}]}, {"env": "b"}, True),
    "NotIn, none": ({"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["a"]}]}, {}, True),
    "NotIn, it is": ({"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["a"]}]}, {"env": "a"}, False),
    "Exists": ({"matchExpressions": [{"key": "env", "operator": "Exists"}]}, {"env": ""}, True),
    "Exists, none": ({"matchExpressions": [{"key": "env", "operator": "Exists"}]}, {}, False),
    "DoesNotExist": ({"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}, {}, True),
    "DoesNotExist, it does": ({"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}, {"env": "a"}, False),
    "labels and expressions": (
        {"matchLabels": {"env": "dev"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]},
        {"env": "dev"},
        False,
    ),
}


@pytest.mark.parametrize("scenario", SELECTORS)
def test_a_selector_selects_as_those_of_kubernetes_do(scenario: str) -> None:
    selector, labels, is_matched = SELECTORS[scenario]
    policy = scenes.policy(scenes.rule(match={"namespaceSelector": selector}))
    answer = scenes.answer(scenes.request(), policy, labels=labels)
    assert answer == ("Deny r" if is_matched else "RequireApproval -")


def test_labels_that_nobody_asked_for_select_nothing() -> None:
    assert scenes.answer(scenes.request(), BY_ABSENCE, labels=None) == "RequireApproval -"


def test_they_are_asked_for_where_a_rule_about_the_requester_selects_by_them() -> None:
    others = scenes.policy(
        scenes.rule(match={"namespaceSelector": {"matchLabels": {"a": "b"}}}),
        name="others",
        agents=[{"kind": "User", "name": "x"}],
    )
    assert Policies([BY_LABEL]).asks_for_labels(scenes.AGENT)
    assert not Policies([BY_NAME, others]).asks_for_labels(scenes.AGENT)
