"""What defines or serves our resources is changed by people and upgrades: a default in it would write every policy."""

import copy
from typing import Any

import pytest

from kubeapprove.policycrd import custom_resource_definition
from tests.webhook import reviews
from tests.webhook.world import World

CRD = custom_resource_definition()
SERVICE = {"metadata": {"name": "v1alpha1.kubeapprove.io"}, "spec": {"group": "kubeapprove.io", "version": "v1alpha1"}}
CONTROLLER = {"username": "system:serviceaccount:argocd:argocd-application-controller", "groups": ["system:masters"]}
GROUPS = {"customresourcedefinitions": "apiextensions.k8s.io", "apiservices": "apiregistration.k8s.io"}
KINDS = pytest.mark.parametrize("kind", GROUPS)


def change(kind: str, user: dict[str, Any], *, spec: bool = True, **more: Any) -> dict[str, Any]:
    """Something else in spec, or a label."""
    old: dict[str, Any] = CRD if kind == "customresourcedefinitions" else SERVICE
    new = copy.deepcopy(old)
    new["spec" if spec else "metadata"]["labels"] = {"other": "yes"}
    return {
        "uid": "request-1",
        "operation": "UPDATE",
        "resource": {"group": GROUPS[kind], "version": "v1", "resource": kind},
        "name": old["metadata"]["name"],
        "userInfo": user,
        "object": new,
        "oldObject": old,
        **more,
    }


@KINDS
def test_by_a_controller(world: World, kind: str) -> None:
    reply = world.judge(change(kind, CONTROLLER), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")
    assert "this defines what a policy is" in reply.message


@KINDS
def test_by_a_person(world: World, kind: str) -> None:
    reply = world.judge(change(kind, reviews.ALICE), "approvals")
    assert (reply.allowed, reply.reason, reply.response.get("warnings", [])) == (True, "PolicyTaken", [])


@KINDS
def test_labels_by_a_controller(world: World, kind: str) -> None:
    reply = world.judge(change(kind, CONTROLLER, spec=False), "approvals")
    assert (reply.allowed, reply.reason) == (True, "HarmlessEdit")


def test_first_service_by_a_controller(world: World) -> None:
    made = change("apiservices", CONTROLLER, operation="CREATE", oldObject=None)
    assert world.judge(made, "approvals").reason == "NotADecider"


@KINDS
def test_status_is_nothing_that_people_write(world: World, kind: str) -> None:
    reply = world.judge(change(kind, reviews.ALICE, subResource="status"), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecision")
