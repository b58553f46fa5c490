"""Stamp and guard as the API server calls them, one after the other, on one person's decision."""

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.reviews import Object
from tests.webhook.world import World
from tests.webhook.writes import stamped, with_decision, write


@pytest.fixture
def pending(world: World) -> Object:
    """An approval that waits."""
    world.judge(reviews.request())
    return world.server.only()


def test_decision_is_stamped_and_allowed(world: World, pending: Object) -> None:
    request = stamped(world, write(pending, with_decision(pending)))
    entry = request["object"]["spec"]["decisions"]["alice"]
    assert (entry["by"]["username"], entry["groups"]) == ("alice", ["approvers", "system:authenticated"])
    reply = world.judge(request, "approvals")
    assert (reply.allowed, reply.reason) == (True, "Decided")


def test_decision_that_was_stamped_and_stored_lets_the_change_through(world: World, pending: Object) -> None:
    request = stamped(world, write(pending, with_decision(pending)))
    assert world.judge(request, "approvals").allowed
    world.server.put(request["object"])
    assert world.judge(reviews.request()).allowed


def test_what_a_client_stamps_itself_is_overwritten(world: World, pending: Object) -> None:
    forged = with_decision(pending, by={"username": "bob"}, groups=["admins"], at="2020-01-01T00:00:00.000000Z")
    request = stamped(world, write(pending, forged))
    assert request["object"]["spec"]["decisions"]["alice"]["by"]["username"] == "alice"
    assert world.judge(request, "approvals").allowed


def test_unstamped_decision_is_refused(world: World, pending: Object) -> None:
    reply = world.judge(write(pending, with_decision(pending)), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecision")


def test_whoever_does_not_hold_the_verb_is_refused_with_the_remedy(world: World, pending: Object) -> None:
    carol = {"username": "carol", "groups": ["system:authenticated"]}
    reply = world.judge(stamped(world, write(pending, with_decision(pending), carol)), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")
    assert "carol does not hold verb `approve`" in reply.message
    assert "ask for a Role" in reply.message


def test_access_review_that_fails_is_a_refusal(world: World, pending: Object) -> None:
    world.server.on("access review", apiserver.fails(500))
    reply = world.judge(stamped(world, write(pending, with_decision(pending))), "approvals")
    assert (reply.allowed, reply.reason) == (False, "Unavailable")


def test_requester_is_refused_without_asking(world: World, pending: Object) -> None:
    world.server.deciders.add("agent:bot")
    request = stamped(world, write(pending, with_decision(pending), reviews.AGENT))
    assert world.judge(request, "approvals").reason == "NotADecider"
    assert world.server.count("access review") == 0


def test_revocation_needs_the_verb_too(world: World, pending: Object) -> None:
    revoked = pending | {"spec": pending["spec"] | {"revoked": {"reason": "no"}}}
    assert world.judge(stamped(world, write(pending, revoked)), "approvals").allowed
    world.server.deciders.clear()
    assert not world.judge(stamped(world, write(pending, revoked)), "approvals").allowed


def test_label_needs_no_verb(world: World, pending: Object) -> None:
    labelled = pending | {"metadata": pending["metadata"] | {"labels": {"a": "b"}}}
    reply = world.judge(write(pending, labelled), "approvals")
    assert (reply.allowed, reply.reason) == (True, "HarmlessEdit")


@pytest.mark.parametrize("subresource", ["status", "scale"])
def test_stamp_leaves_subresources_alone(world: World, pending: Object, subresource: str) -> None:
    reply = world.judge(write(pending, with_decision(pending), subResource=subresource), "stamp")
    assert reply.allowed
    assert "patch" not in reply.response


def test_stamp_leaves_creation_to_the_guard(world: World, pending: Object) -> None:
    create = write(pending, with_decision(pending), operation="CREATE")
    assert "patch" not in world.judge(create, "stamp").response
    assert world.judge(create, "approvals").reason == "NotADecision"


def test_object_without_metadata_is_refused(world: World, pending: Object) -> None:
    bare = {"spec": with_decision(pending)["spec"]}
    request = write(pending, bare)
    for hook in ("stamp", "approvals"):
        assert world.judge(request, hook).response["uid"] == request["uid"]
    assert not world.judge(request, "approvals").allowed


def test_stamp_makes_no_record_and_the_guard_one(world: World, pending: Object) -> None:
    world.records.clear()
    world.judge(stamped(world, write(pending, with_decision(pending))), "approvals")
    assert [record["annotations"]["kubeapprove.io/webhook"] for record in world.records] == ["approvals"]
