"""on-call-agent: for a shift, restarts and numbers of one namespace pass; the rest asks the on-call group."""

from typing import Any

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.policies import ApprovalPolicy
from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from tests.policies import scenes
from tests.policies.workloads import owned, restart, scale, update, workload

POLICY = scenes.ready_made("on-call-agent")
ON_CALL = UserInfo("agent:on-call", "u-on-call", ("system:authenticated",))
HERE: dict[str, Any] = {"namespace": "shop", "user": ON_CALL}
IMAGE = ("spec|template|spec|containers|0|image", "registry.example/evil:1")
END = scenes.NOW.replace(hour=20)

PASSES: dict[str, tuple[str, Request]] = {
    "a restart": ("restart", restart(**HERE)),
    "a restart of a StatefulSet": ("restart", restart(resource="statefulsets", **HERE)),
    "3 to 20": ("scale", scale(3, 20, **HERE)),
    "20 to 1 by apply": ("scale", update(("spec|replicas", 1), old=workload(20), **HERE)),
}
ASKS: dict[str, Request] = {
    "a restart and the image": restart(IMAGE, **HERE),
    "a restart at no time": restart(at="now", **HERE),
    "a restart elsewhere": restart(namespace="payments", user=ON_CALL),
    "the number and the image": update(("spec|replicas", 4), IMAGE, **HERE),
    "a Scale to 0": scale(3, 0, **HERE),
    "a Scale from 0": scale(0, 3, **HERE),
    "a Scale to 21": scale(3, 21, **HERE),
    "a Scale of a StatefulSet": scale(3, 5, resource="statefulsets", **HERE),
    "the number, and somebody else's field taken": update(
        ("spec|replicas", 5),
        ("metadata|managedFields", [owned("argocd", "replicas")]),
        old=workload(managedFields=[owned("argocd", "replicas", "paused")]),
        **HERE,
    ),
    "the image": update(IMAGE, **HERE),
    "a rollback's new revision": update(IMAGE, ("metadata|annotations|deployment.kubernetes.io/revision", "3"), **HERE),
    "a Pod deleted": scenes.request("DELETE", "pods", **HERE),
    "a Node cordoned": scenes.request("UPDATE", "nodes", user=ON_CALL),
    "one command": scenes.request("CONNECT", "pods/exec", object={"command": ["id"]}, **HERE),
}
SESSIONS: dict[str, Request] = {
    "exec with stdin": scenes.request("CONNECT", "pods/exec", object={"stdin": True}, **HERE),
    "attach": scenes.request("CONNECT", "pods/attach", object={}, **HERE),
    "port-forward": scenes.request("CONNECT", "pods/portforward", object={}, **HERE),
}


@pytest.mark.parametrize("scenario", PASSES)
def test_passes(scenario: str) -> None:
    rule, request = PASSES[scenario]
    assert scenes.answer(request, POLICY) == f"Allow {rule}"


@pytest.mark.parametrize("scenario", ASKS)
def test_asks_somebody_on_call(scenario: str) -> None:
    assert scenes.answer(ASKS[scenario], POLICY) == "RequireApproval ask-on-call"
    (requirement,) = scenes.ruling(ASKS[scenario], POLICY).requirements
    assert (requirement.count, requirement.who, requirement.allow_owner) == (1, "group on-call", False)
    assert (requirement.pending_for, requirement.use_within) == (scenes.HOUR / 2, scenes.HOUR / 6)


@pytest.mark.parametrize("scenario", SESSIONS)
def test_no_sessions(scenario: str) -> None:
    assert scenes.answer(SESSIONS[scenario], POLICY) == "Deny ask-on-call"


def test_it_ends_with_the_shift() -> None:
    policies = Policies([POLICY])
    assert policies.ended(ON_CALL, END) is None
    assert policies.ended(ON_CALL, END + scenes.HOUR) == ("on-call-agent", END)


def test_its_owner_is_known() -> None:
    people = Policies([POLICY]).people
    assert people.owns(scenes.ALICE, ON_CALL)
    assert not people.owns(scenes.AGENT, ON_CALL)
    assert not Policies([POLICY]).lets_owner_approve(ON_CALL)


def test_the_comment_about_the_owner_can_be_taken_out() -> None:
    text = (scenes.ROOT / "docs" / "policies" / "on-call-agent.yaml").read_text()
    document = scenes.parse(text.replace("# allowOwner: true ", "allowOwner: true "))
    policy = ApprovalPolicy.parse(document)
    assert policy.spec.rules[-1].approval is not None
    assert policy.spec.rules[-1].approval.allow_owner
