"""The life of one change before the gate: asked for, pending, approved, let through once, asked for again."""

from tests.webhook import reviews
from tests.webhook.world import World


def test_first_try_is_refused_and_asks(world: World) -> None:
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "ApprovalRequired")
    approval = world.server.only()
    assert approval["spec"]["manifestHash"] == reply.response["auditAnnotations"]["hash"]
    assert approval["spec"]["requester"]["username"] == "agent:bot"
    assert reply.response["auditAnnotations"]["approval"] == f"shop/{approval['metadata']['name']}"


def test_second_try_is_pending_and_makes_no_second_approval(world: World) -> None:
    world.judge(reviews.request())
    assert world.judge(reviews.request()).reason == "ApprovalPending"
    assert world.server.count("create approval") == 1


def test_approved_change_goes_through_with_its_claim_written(world: World) -> None:
    world.approved(reviews.request())
    request = reviews.request()
    reply = world.judge(request)
    assert (reply.allowed, reply.reason) == (True, "Approved")
    assert world.server.only()["status"]["claim"]["requestUID"] == request["uid"]
    assert world.server.only()["status"]["phase"] == "Consumed"


def test_claim_is_made_on_the_version_that_was_judged(world: World) -> None:
    version = world.approved(reviews.request())["metadata"]["resourceVersion"]
    world.judge(reviews.request())
    (patch,) = world.server.sent("claim")
    assert patch["metadata"] == {"resourceVersion": version}


def test_unstored_update_passes_again(world: World) -> None:
    world.approved(reviews.request())
    assert world.judge(reviews.request()).allowed
    again = reviews.request()
    assert world.judge(again).allowed
    assert world.server.only()["status"]["lastPass"]["requestUID"] == again["uid"]


def test_stored_update_is_asked_for_again_and_tells_what_was_before(world: World) -> None:
    first = world.approved(reviews.request())
    assert world.judge(reviews.request()).allowed
    put_back = reviews.request(oldObject=reviews.configmap(version="43"))
    reply = world.judge(put_back)
    assert (reply.allowed, reply.reason) == (False, "ApprovalRequired")
    assert "the last approval of it has let its one change through" in reply.message
    previous = world.server.only()["spec"]["previous"]
    assert (previous["uid"], previous["outcome"], previous["by"]) == (first["metadata"]["uid"], "Consumed", ["alice"])
    assert world.server.only()["metadata"]["uid"] != first["metadata"]["uid"]


def test_fifty_at_once_create_goes_through_once(world: World) -> None:
    world.approved(reviews.request("CREATE"))
    replies = world.judge_all(reviews.request("CREATE") for _ in range(50))
    assert sum(reply.allowed for reply in replies) == 1


def test_hundred_at_once_make_one_approval(world: World) -> None:
    replies = world.judge_all(reviews.request() for _ in range(100))
    assert not any(reply.allowed for reply in replies)
    assert len(world.server.approvals) == 1
    assert {reply.reason for reply in replies} <= {"ApprovalRequired", "ApprovalPending"}
