"""Who deletes a definition of ours deletes everything of its kind: people may, and are told; controllers never."""

from typing import Any

import pytest

from kubeapprove.policycrd import custom_resource_definition
from tests.webhook import reviews
from tests.webhook.world import World

CRD = custom_resource_definition()


def deletion(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": "request-1",
        "operation": "DELETE",
        "resource": {"group": "apiextensions.k8s.io", "version": "v1", "resource": "customresourcedefinitions"},
        "name": CRD["metadata"]["name"],
        "userInfo": user,
        "object": None,
        "oldObject": CRD,
    }


def test_by_a_person(world: World) -> None:
    reply = world.judge(deletion(reviews.ALICE), "approvals")
    assert (reply.allowed, reply.reason) == (True, "PolicyTaken")
    assert "agents are not gated any more" in reply.response["warnings"][0]


@pytest.mark.parametrize("name", ["system:serviceaccount:argocd:argocd-application-controller", "system:node:a"])
def test_by_a_controller(world: World, name: str) -> None:
    reply = world.judge(deletion({"username": name, "groups": ["system:masters"]}), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")


def test_by_an_agent(world: World) -> None:
    assert world.judge(deletion(reviews.AGENT), "approvals").reason == "NotADecider"
