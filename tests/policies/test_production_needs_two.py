"""production-needs-two: two of the platform team in production and for what is in no namespace, one person elsewhere."""

import pytest

from kubeapprove.policies import Approver, ApproverKind
from kubeapprove.request import Request
from tests.policies import scenes

POLICY = scenes.ready_made("production-needs-two")
PRODUCTION = {"environment": "production", "team": "shop"}
PLATFORM = (Approver(kind=ApproverKind.GROUP, name="platform-team"),)

TWO: dict[str, tuple[Request, dict[str, str] | None]] = {
    "a ConfigMap in production": (scenes.request(), PRODUCTION),
    "a delete in production": (scenes.request("DELETE", "deployments"), PRODUCTION),
    "a command in production": (scenes.request("CONNECT", "pods/exec", object={"command": ["id"]}), PRODUCTION),
    "a Scale in production": (scenes.request("UPDATE", "deployments/scale"), PRODUCTION),
    "the Namespace, to take its label away": (scenes.request("UPDATE", "namespaces", name="shop"), PRODUCTION),
    "the Namespace, though its labels are unknown": (scenes.request("UPDATE", "namespaces", name="shop"), None),
    "the Namespace's end": (scenes.request("UPDATE", "namespaces/finalize", name="shop"), None),
    "a new Namespace": (scenes.request("CREATE", "namespaces", name="other"), None),
    "a Node": (scenes.request("UPDATE", "nodes"), None),
    "a ClusterRole": (scenes.request("CREATE", "clusterroles"), None),
    "a volume": (scenes.request("DELETE", "persistentvolumes"), None),
    "namespaces that a group of its own calls so": (
        scenes.request("CREATE", "namespaces", group="example.org", namespace=""),
        PRODUCTION,
    ),
}
ONE: dict[str, tuple[Request, dict[str, str] | None]] = {
    "development": (scenes.request(), {"environment": "development"}),
    "no such label": (scenes.request(), {"team": "shop"}),
    "a longer value": (scenes.request(), {"environment": "production-2"}),
    "another key": (scenes.request(), {"env": "production"}),
}


@pytest.mark.parametrize("scenario", TWO)
def test_two_of_the_platform_team(scenario: str) -> None:
    request, labels = TWO[scenario]
    (requirement,) = scenes.ruling(request, POLICY, labels=labels).requirements
    assert (requirement.count, requirement.approvers) == (2, PLATFORM)
    assert (requirement.pending_for, requirement.use_within) == (8 * scenes.HOUR, scenes.HOUR / 2)
    assert not requirement.allow_owner


@pytest.mark.parametrize("scenario", ONE)
def test_one_of_anyone(scenario: str) -> None:
    request, labels = ONE[scenario]
    (requirement,) = scenes.ruling(request, POLICY, labels=labels).requirements
    assert (requirement.count, requirement.approvers) == (1, None)


def test_a_session_in_production_is_denied() -> None:
    request = scenes.request("CONNECT", "pods/attach", object={})
    assert scenes.answer(request, POLICY, labels=PRODUCTION) == "Deny production"


def test_the_safe_side_that_its_comment_tells() -> None:
    """With NotIn whatever is not labelled as development needs two."""
    document = scenes.load("production-needs-two")
    expression = document["spec"]["rules"][0]["match"]["namespaceSelector"]["matchExpressions"][0]
    expression |= {"operator": "NotIn", "values": ["development"]}
    policy = scenes.policy(*document["spec"]["rules"])
    for labels, count in (({}, 2), (PRODUCTION, 2), ({"environment": "development"}, 1)):
        (requirement,) = scenes.ruling(scenes.request(), policy, labels=labels).requirements
        assert requirement.count == count
