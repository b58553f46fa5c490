"""Broken glass stands for list and count; the verb `breakglass` is asked for at write and again at use.

It is owed a review: an acknowledgement by somebody else, and until then the next approval of that name says so.
"""

import pytest

from kubeapprove.resources import MAX_DECISIONS
from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import DENIES, asks
from tests.webhook.world import World
from tests.webhook.writes import acknowledged, person, stamped, with_decision, write

TWO_OF_SRE = asks("two", "sre", count=2)
DANA = person("dana")


@pytest.fixture
def pending(world: World) -> Object:
    """An approval that waits for two of sre; dana may break the glass, and approve nothing."""
    world.under(TWO_OF_SRE)
    world.judge(reviews.request())
    world.server.glass_breakers.add("dana")
    world.server.forget()
    return world.server.only()


def put_back(world: World) -> str:
    """Try the change once more after somebody put back what was there before; returns the reason."""
    return world.judge(reviews.request(oldObject=reviews.configmap(version="43"))).reason


def verbs(world: World) -> list[tuple[str, str]]:
    """Return whom the API server was asked about, with which verb."""
    specs = [body["spec"] for body in world.server.sent("access review")]
    return [(spec["user"], spec["resourceAttributes"]["verb"]) for spec in specs]


def broken(world: World, **fields: str) -> Object:
    """Store a decision of dana that breaks the glass."""
    return world.approve("dana", breakGlass=True, **fields)


def test_at_write(world: World, pending: Object) -> None:
    reply = world.judge(stamped(world, write(pending, with_decision(pending, breakGlass=True), DANA)), "approvals")
    assert (reply.allowed, reply.reason) == (True, "Decided")
    assert verbs(world) == [("dana", "breakglass")]


def test_at_write_by_whoever_may_approve_only(world: World, pending: Object) -> None:
    request = stamped(world, write(pending, with_decision(pending, breakGlass=True)))
    reply = world.judge(request, "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")
    assert "alice does not hold verb `breakglass`" in reply.message
    assert verbs(world) == [("alice", "breakglass")]


def test_without_a_reason(world: World, pending: Object) -> None:
    request = stamped(world, write(pending, with_decision(pending, breakGlass=True, reason=" "), DANA))
    assert world.judge(request, "approvals").reason == "NotADecision"


def test_at_use(world: World, pending: Object) -> None:
    broken(world)
    assert pending["spec"]["manifestHash"]
    assert world.judge(reviews.request()).reason == "Approved"
    assert verbs(world) == [("dana", "breakglass")]


@pytest.mark.usefixtures("pending")
def test_at_use_by_whoever_lost_the_verb(world: World) -> None:
    broken(world)
    world.server.glass_breakers.clear()
    world.server.deciders.add("dana")
    assert world.judge(reviews.request()).reason == "RequirementUnmet"
    assert world.server.count("claim") == 0


@pytest.mark.usefixtures("pending")
def test_it_stands_for_no_policy_that_denies(world: World) -> None:
    broken(world)
    world.under(DENIES)
    assert world.judge(reviews.request()).reason == "PolicyDenied"


def spent(world: World) -> Object:
    """Return the approval after its change was let through by broken glass."""
    broken(world, reason="the shop is down")
    assert world.judge(reviews.request()).allowed
    world.server.deciders.add("carol")
    return world.server.only()


@pytest.mark.usefixtures("pending")
def test_acknowledged_by_somebody_else(world: World) -> None:
    """Also after it is spent. What a client stamps itself is overwritten."""
    approval = spent(world)
    forged = acknowledged(approval, by={"username": "bob"}, at="2020-01-01T00:00:00.000000Z")
    request = stamped(world, write(approval, forged, person("carol")))
    entry = request["object"]["spec"]["acknowledgements"]["carol"]
    assert entry["by"] == {"username": "carol", "uid": "u-carol", "extra": {}}
    assert entry["at"] > "2026"
    assert "groups" not in entry
    world.server.forget()
    reply = world.judge(request, "approvals")
    assert (reply.allowed, reply.reason) == (True, "Decided")
    assert verbs(world) == [("carol", "approve")]


@pytest.mark.usefixtures("pending")
@pytest.mark.parametrize("who", ["dana", "eve"])
def test_not_by_whoever_broke_it_nor_by_whoever_may_not_approve(world: World, who: str) -> None:
    approval = spent(world)
    world.server.deciders.add("dana")
    reply = world.judge(stamped(world, write(approval, acknowledged(approval, who), person(who))), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")


@pytest.mark.usefixtures("pending")
def test_not_unstamped(world: World) -> None:
    approval = spent(world)
    reply = world.judge(write(approval, acknowledged(approval), person("carol")), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecision")


@pytest.mark.usefixtures("pending")
def test_review_is_owed_still_when_it_is_asked_for_again(world: World) -> None:
    uid = spent(world)["metadata"]["uid"]
    assert put_back(world) == "ApprovalRequired"
    (owed,) = world.server.only()["spec"]["previous"]["owed"]
    assert (owed["uid"], owed["by"]["username"], owed["reason"]) == (uid, "dana", "the shop is down")
    again = world.server.only()
    past = "2026-01-31T09:00:00.000000Z"
    world.server.put(again | {"spec": again["spec"] | {"pendingUntil": past}})
    assert put_back(world) == "ApprovalRequired"
    previous = world.server.only()["spec"]["previous"]
    assert (previous["uid"], previous["outcome"]) == (again["metadata"]["uid"], "Expired")
    assert previous["owed"] == [owed]


@pytest.mark.usefixtures("pending")
def test_who_breaks_the_glass_again_and_again_hides_nothing_that_is_owed(world: World) -> None:
    """An approval carries sixteen marks on, and takes as many decisions: they would push out what came before."""
    first = spent(world)["metadata"]["uid"]
    assert put_back(world) == "ApprovalRequired"
    second = world.server.only()
    again = {
        f"again-{number:02}": reviews.decision(second, "dana", breakGlass=True, reason=f"again {number}")
        for number in range(MAX_DECISIONS)
    }
    world.server.put(reviews.decided(second, **again))
    assert world.judge(reviews.request(oldObject=reviews.configmap(version="43"))).allowed
    assert world.judge(reviews.request(oldObject=reviews.configmap(version="44"))).reason == "ApprovalRequired"
    owed = world.server.only()["spec"]["previous"]["owed"]
    assert [(mark["uid"], mark["reason"]) for mark in owed] == [
        (first, "the shop is down"),
        (second["metadata"]["uid"], "again 0"),
    ]


@pytest.mark.usefixtures("pending")
def test_what_was_acknowledged_is_owed_no_more(world: World) -> None:
    approval = spent(world)
    request = stamped(world, write(approval, acknowledged(approval), person("carol")))
    assert world.judge(request, "approvals").allowed
    world.server.put(request["object"])
    assert put_back(world) == "ApprovalRequired"
    assert "owed" not in world.server.only()["spec"]["previous"]
