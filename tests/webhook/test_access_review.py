"""Whoever approved must still hold `approve`: only a plain yes of the API server counts."""

from typing import Any

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.world import World

NO: dict[str, Any] = {
    "allowed false": {"status": {"allowed": False}},
    "allowed as text": {"status": {"allowed": "true"}},
    "allowed as a number": {"status": {"allowed": 1}},
    "no allowed": {"status": {}},
    "no status": {},
    "status of another type": {"status": "allowed"},
    "status null": {"status": None},
    "allowed and denied": {"status": {"allowed": True, "denied": True}},
    "allowed beside the status": {"allowed": True, "status": {}},
}


@pytest.mark.parametrize("scenario", NO)
def test_anything_but_a_plain_yes_is_no(world: World, scenario: str) -> None:
    world.approved(reviews.request())
    world.server.on("access review", *[apiserver.says(NO[scenario], 201)] * 2)
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "RequirementUnmet")
    assert world.server.count("claim") == 0


def test_asks_for_the_whole_identity(world: World) -> None:
    world.judge(reviews.request())
    world.approve("alice", by={"username": "alice", "uid": "u-alice", "extra": {"example.com/team": ["a", "b"]}})
    assert world.judge(reviews.request()).allowed
    (spec,) = [body["spec"] for body in world.server.sent("access review")]
    assert (spec["user"], spec["uid"]) == ("alice", "u-alice")
    assert spec["groups"] == ["approvers", "system:authenticated"]
    assert spec["extra"] == {"example.com/team": ["a", "b"]}
    name = world.server.only()["metadata"]["name"]
    assert spec["resourceAttributes"] == {
        "group": "kubeapprove.io",
        "version": "v1alpha1",
        "resource": "manifestapprovals",
        "verb": "approve",
        "namespace": "shop",
        "name": name,
    }


def test_right_taken_away_after_the_decision(world: World) -> None:
    world.approved(reviews.request())
    world.server.deciders.clear()
    assert world.judge(reviews.request()).reason == "RequirementUnmet"


def test_second_decision_counts_where_the_first_does_not(world: World) -> None:
    world.judge(reviews.request())
    world.approve("carol")
    world.approve("bob")
    assert world.judge(reviews.request()).allowed
