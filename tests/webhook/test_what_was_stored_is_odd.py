"""The approval's name leads to something that is not a plain approval of this change."""

from typing import Any

from tests.webhook import apiserver, reviews
from tests.webhook.world import World


def test_denied_inside_a_malformed_approval_holds(world: World) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    spec = approval["spec"] | {"decisions": {"bob": {"verdict": "Denied"}, "x": 1}, "future": True}
    world.server.put(approval | {"spec": spec})
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "ApprovalDenied")
    assert world.server.count("delete approval") == 0


def test_malformed_approval_is_replaced(world: World) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    world.server.put(approval | {"spec": approval["spec"] | {"future": True}})
    assert world.judge(reviews.request()).reason == "ApprovalRequired"
    previous = world.server.only()["spec"]["previous"]
    assert previous == {"uid": approval["metadata"]["uid"], "outcome": "Invalid", "by": []}


def test_approval_of_another_change_is_replaced_unused(world: World) -> None:
    approval = world.approved(reviews.request())
    other = reviews.request(object=reviews.configmap({"color": "red"}))
    assert world.judge(other).reason == "ApprovalRequired"
    spec: dict[str, Any] = next(
        entry["spec"] for (_, name), entry in world.server.approvals.items() if name != approval["metadata"]["name"]
    )
    world.server.put(approval | {"spec": approval["spec"] | {key: spec[key] for key in ("change", "manifestHash")}})
    assert not world.judge(reviews.request()).allowed
    assert world.server.count("claim") == 0


def test_change_that_is_not_the_hashes_is_not_used(world: World) -> None:
    approval = world.approved(reviews.request())
    text = approval["spec"]["change"].replace("green", "red")
    world.server.put(approval | {"spec": approval["spec"] | {"change": text}})
    assert not world.judge(reviews.request()).allowed
    assert world.server.count("claim") == 0


def test_being_deleted_means_revoked(world: World) -> None:
    approval = world.approved(reviews.request())
    gone = {"deletionTimestamp": "2026-01-31T09:00:00Z", "finalizers": ["example.com/keep"]}
    world.server.put(approval | {"metadata": approval["metadata"] | gone})
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "ApprovalRevoked")


def test_revoked_is_asked_for_again_and_told(world: World) -> None:
    approval = world.approved(reviews.request())
    revoked = {"by": {"username": "bob"}, "at": "2026-01-31T09:00:00.000000Z", "reason": "not today"}
    world.server.put(approval | {"spec": approval["spec"] | {"revoked": revoked}})
    assert "was revoked" in world.judge(reviews.request()).message
    previous = world.server.only()["spec"]["previous"]
    assert (previous["outcome"], previous["by"], previous["reason"]) == ("Revoked", ["bob"], "not today")


def test_expired_is_asked_for_again_and_told(world: World) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    past = "2026-01-31T09:00:00.000000Z"
    world.server.put(approval | {"spec": approval["spec"] | {"pendingUntil": past}})
    assert "expired" in world.judge(reviews.request()).message
    previous = world.server.only()["spec"]["previous"]
    assert (previous["outcome"], previous["at"]) == ("Expired", past)


def test_answer_to_creation_is_odd(world: World) -> None:
    world.server.on("create approval", apiserver.says({"metadata": {}}, 201))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
