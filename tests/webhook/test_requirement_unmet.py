"""Decisions that do not suffice: the refusal says what is still missing, of which policy; today's policies decide."""

from collections.abc import Callable

from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, DENIES, asks
from tests.webhook.world import Reply, World

TWO_OF_SRE = asks("two", "sre", count=2)


def unmet(reply: Reply) -> str:
    """Return what is still missing."""
    assert (reply.allowed, reply.reason) == (False, "RequirementUnmet")
    assert reply.response["status"]["details"]["retryAfterSeconds"] == 30
    said = reply.message.partition("decisions so far do not suffice, still missing: ")[2]
    return said.partition(": update configmaps")[0]


def asked(world: World, *policies: Object) -> None:
    """Have the change asked for under these policies."""
    world.under(*policies)
    assert world.judge(reviews.request()).reason == "ApprovalRequired"


def test_quorum_of_two(world: World) -> None:
    asked(world, TWO_OF_SRE)
    world.approve("alice", groups=["sre"])
    assert unmet(world.judge(reviews.request())) == "1 of 2 approvals by group sre (policy two, rule all)"
    world.approve("bob", groups=["sre"])
    assert world.judge(reviews.request()).reason == "Approved"


def test_one_person_counts_once(world: World) -> None:
    asked(world, TWO_OF_SRE)
    world.approve("alice", groups=["sre"])
    world.approve("bob", by={"username": "ALICE", "uid": "u-2"}, groups=["sre", "more"])
    world.server.deciders.add("ALICE")
    assert unmet(world.judge(reviews.request())) == "1 of 2 approvals by group sre (policy two, rule all)"
    assert world.server.count("claim") == 0


def test_somebody_who_is_on_no_list(world: World) -> None:
    asked(world, TWO_OF_SRE)
    world.approve("alice")
    world.server.forget()
    assert unmet(world.judge(reviews.request())) == "2 of 2 approvals by group sre (policy two, rule all)"
    assert world.server.count("access review") == 0


def test_two_requirements_of_two_policies(world: World) -> None:
    asked(world, asks("red", "red-team"), asks("blue", "blue-team", "leads"), ALLOWS)
    world.approve("alice", groups=["red-team"])
    assert unmet(world.judge(reviews.request())) == (
        "1 approval by group blue-team or group leads (policy blue, rule all)"
    )
    world.approve("bob", groups=["leads"])
    assert world.judge(reviews.request()).reason == "Approved"


def test_both_of_two_policies_are_named(world: World) -> None:
    asked(world, asks("red", "red-team"), asks("blue", "blue-team"))
    world.approve("carol")
    assert unmet(world.judge(reviews.request())) == (
        "1 approval by group blue-team (policy blue, rule all) and 1 approval by group red-team (policy red, rule all)"
    )


def test_one_person_in_both_teams_meets_both(world: World) -> None:
    asked(world, asks("red", "red-team"), asks("blue", "blue-team"))
    world.approve("alice", groups=["red-team", "blue-team"])
    assert world.judge(reviews.request()).reason == "Approved"


def test_policy_tightened_between_decision_and_use(world: World) -> None:
    world.approved(reviews.request())
    world.under(TWO_OF_SRE)
    assert unmet(world.judge(reviews.request())) == "2 of 2 approvals by group sre (policy two, rule all)"
    world.under(DENIES)
    assert world.judge(reviews.request()).reason == "PolicyDenied"
    assert world.server.count("claim") == 0


def test_policy_loosened_between_decision_and_use(world: World) -> None:
    asked(world, TWO_OF_SRE)
    world.approve("alice")
    assert not world.judge(reviews.request()).allowed
    world.under(asks("one"))
    assert world.judge(reviews.request()).reason == "Approved"


def test_mirror_that_says_met_is_not_believed(world: World) -> None:
    """Whoever may write the status decides nothing."""
    asked(world, TWO_OF_SRE)
    approval = world.approve("alice")
    met = [entry | {"count": 1, "missing": 0, "approvers": None} for entry in approval["status"]["requirements"]]
    world.server.put(approval | {"status": {"phase": "Approved", "requirements": met}})
    assert unmet(world.judge(reviews.request())) == "2 of 2 approvals by group sre (policy two, rule all)"


def test_approver_who_became_an_agent(worlds: Callable[..., World]) -> None:
    world = worlds()
    world.approved(reviews.request())
    world.under(asks("one"), asks("approvers-too", agents="approvers"))
    assert unmet(world.judge(reviews.request())).startswith("1 approval by anyone who holds the verb approve")


def test_refusal_is_one_line_for_people_and_the_same_for_programs(world: World) -> None:
    asked(world, TWO_OF_SRE)
    world.approve("alice", groups=["sre"])
    reply = world.judge(reviews.request())
    name = world.server.only()["metadata"]["name"]
    assert reply.message.startswith("approval required, decisions so far do not suffice, still missing: ")
    assert f"`kubectl approve wait -n shop {name}`" in reply.message
    causes = {cause["reason"] for cause in reply.response["status"]["details"]["causes"]}
    assert causes == {"Approval", "ManifestHash", "Expires", "Next"}
