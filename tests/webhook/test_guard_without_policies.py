"""While nobody knows who is an agent, nobody decides and nobody writes policies; what decides nothing goes on."""

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS
from tests.webhook.world import World
from tests.webhook.writes import policy_write, stamped, with_decision, write


@pytest.fixture
def pending(world: World) -> Object:
    """An approval that waits, and policies that nobody knows any more."""
    world.judge(reviews.request())
    world.seconds.pass_by(11)
    world.server.forget()
    return world.server.only()


def revoked(approval: Object) -> Object:
    """Return an approval that somebody revokes."""
    return approval | {"spec": approval["spec"] | {"revoked": {"reason": "no"}}}


@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
def test_no_decision(world: World, pending: Object, verdict: str) -> None:
    request = stamped(world, write(pending, with_decision(pending, verdict)))
    reply = world.judge(request, "approvals")
    assert (reply.allowed, reply.reason) == (False, "PolicyUnknown")
    assert "try again in a few seconds" in reply.message
    assert world.server.count("access review") == 0
    world.list_policies()
    assert world.judge(request, "approvals").allowed


def test_no_revocation(world: World, pending: Object) -> None:
    """Deleting the approval revokes it as well, and needs nobody of ours."""
    assert world.judge(stamped(world, write(pending, revoked(pending))), "approvals").reason == "PolicyUnknown"


@pytest.mark.usefixtures("pending")
@pytest.mark.parametrize("operation", ["CREATE", "DELETE"])
def test_no_policy(world: World, operation: str) -> None:
    world.server.on("list policies", apiserver.says(b"404 page not found\n", 404))
    old, new = (ALLOWS, None) if operation == "DELETE" else (None, ALLOWS)
    reply = world.judge(policy_write(operation, old, new, reviews.ALICE), "approvals")
    assert (reply.allowed, reply.reason) == (False, "PolicyUnknown")


def test_labels_go_on(world: World, pending: Object) -> None:
    labelled = pending | {"metadata": pending["metadata"] | {"labels": {"a": "b"}}}
    assert world.judge(write(pending, labelled), "approvals").reason == "HarmlessEdit"


def test_creation_is_the_gates_as_ever(world: World, pending: Object) -> None:
    assert world.judge(write(pending, pending, operation="CREATE"), "approvals").reason == "NotADecision"


def test_other_kinds_of_the_group_are_nobodys(world: World) -> None:
    other = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "approvalthings"}
    reply = world.judge(reviews.request(resource=other, userInfo=reviews.ALICE), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecision")
    assert "approvalthings is not a resource that people write" in reply.message
