"""ci-agent: one ServiceAccount may ask to deploy three kinds in two namespaces; everything else is denied."""

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from tests.policies import scenes

POLICY = scenes.ready_made("ci-agent")


def account(name: str, namespace: str = "ci") -> UserInfo:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return UserInfo(f"system:serviceaccount:{namespace}:{name}", "u-ci", groups)


def asked(operation: str, resource: str, namespace: str = "shop", **fields: object) -> Request:
    return scenes.request(operation, resource, namespace=namespace, user=account("deployer"), **fields)


DEPLOYS: dict[str, Request] = {
    f"{operation} {resource} in {namespace}": asked(operation, resource, namespace)
    for operation in ("CREATE", "UPDATE")
    for resource in ("deployments", "services", "configmaps")
    for namespace in ("shop", "shop-staging")
}
DENIED: dict[str, Request] = {
    "a delete": asked("DELETE", "deployments"),
    "a Secret": asked("CREATE", "secrets"),
    "a Pod": asked("CREATE", "pods"),
    "a RoleBinding": asked("CREATE", "rolebindings"),
    "a ServiceAccount": asked("UPDATE", "serviceaccounts"),
    "a Scale": asked("UPDATE", "deployments/scale"),
    "a Deployment's status": asked("UPDATE", "deployments/status"),
    "a command": asked("CONNECT", "pods/exec", object={"command": ["id"]}),
    "a session": asked("CONNECT", "pods/exec", object={"stdin": True}),
    "an eviction": asked("CREATE", "pods/eviction"),
    "another namespace": asked("CREATE", "configmaps", "shop-production"),
    "its own namespace": asked("UPDATE", "configmaps", "ci"),
    "the Namespace": asked("UPDATE", "namespaces", name="shop"),
    "a Node": asked("UPDATE", "nodes"),
    "services of another group": asked("CREATE", "services", group="serving.knative.dev"),
}


@pytest.mark.parametrize("scenario", DEPLOYS)
def test_a_developer_is_asked_for_a_short_time(scenario: str) -> None:
    found = scenes.ruling(DEPLOYS[scenario], POLICY)
    assert str(found.action) == "RequireApproval"
    (requirement,) = found.requirements
    assert (requirement.count, requirement.who) == (1, "group shop-developers")
    assert (requirement.pending_for, requirement.use_within) == (2 * scenes.HOUR, scenes.HOUR / 4)


@pytest.mark.parametrize("scenario", DENIED)
def test_everything_else_is_denied(scenario: str) -> None:
    assert scenes.answer(DENIED[scenario], POLICY) == "Deny nothing-else"


def test_nobody_else_is_an_agent() -> None:
    policies = Policies([POLICY])
    assert policies.naming(account("deployer"))
    assert not policies.naming(account("runner"))
    assert not policies.naming(account("deployer", "shop"))
    assert not policies.naming(scenes.AGENT)


def test_without_a_name_all_of_the_namespace_are() -> None:
    """As its comment says."""
    policies = Policies([scenes.policy(agents=[{"kind": "ServiceAccount", "namespace": "ci"}])])
    assert policies.naming(account("runner"))
    assert not policies.naming(account("deployer", "shop"))
