"""The answer to the claim is lost or says too little (C101): ours passes, anything else is spent, never two."""

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import ApiServer, Fault
from tests.webhook.world import World

WRITTEN: dict[str, Fault] = {
    "connection cut": apiserver.cuts_after(),
    "500 after writing": apiserver.does_but_says({"kind": "Status", "reason": "InternalError"}, 500),
    "504 after writing": apiserver.does_but_says({"kind": "Status", "reason": "Timeout"}, 504),
    "409 after writing": apiserver.does_but_says({"kind": "Status", "reason": "Conflict"}, 409),
    "an empty object": apiserver.does_but_says({}),
    "an object that shows no mark": apiserver.does_but_says({"status": {"claim": None, "lastPass": "x"}}),
    "an array": apiserver.does_but_says([]),
    "a redirect": apiserver.does_but_says({}, 500),
}
NOT_WRITTEN: dict[str, Fault] = {
    "connection cut": apiserver.cuts_before(),
    "500": apiserver.fails(500),
    "503": apiserver.fails(503),
    "success that wrote nothing": apiserver.says({}),
    "success for another request": apiserver.says({"status": {"claim": {"requestUID": "other"}}}),
    "not JSON": apiserver.says(b"<html>"),
}


@pytest.mark.parametrize("scenario", WRITTEN)
def test_written_claim_is_found_again(world: World, scenario: str) -> None:
    world.approved(reviews.request())
    world.server.on("claim", WRITTEN[scenario])
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (True, "Approved")
    assert world.server.count("claim") == 1


@pytest.mark.parametrize("scenario", NOT_WRITTEN)
def test_claim_without_our_mark_is_spent(world: World, scenario: str) -> None:
    world.approved(reviews.request())
    world.server.on("claim", NOT_WRITTEN[scenario])
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "ApprovalSpent")
    assert "run the same command again" in reply.message


def test_claim_of_another_request_is_spent(world: World) -> None:
    def other(server: ApiServer) -> None:
        mark = {"requestUID": "other", "at": "2026-01-31T09:00:00.000000Z", "objectVersion": "41"}
        server.put(server.only() | {"status": {"phase": "Consumed", "claim": mark}})

    world.approved(reviews.request())
    world.server.on("claim", apiserver.cuts_before(but_first=other))
    assert world.judge(reviews.request()).reason == "ApprovalSpent"


def test_lost_claim_of_a_second_pass_is_found_by_its_mark(world: World) -> None:
    world.approved(reviews.request())
    assert world.judge(reviews.request()).allowed
    world.server.on("claim", apiserver.cuts_after())
    assert world.judge(reviews.request()).allowed


def test_neither_answer_nor_look_is_a_refusal(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.cuts_after())
    world.server.on("get approval", apiserver.fails(500))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Unavailable")


def test_claim_answered_too_late_is_still_looked_for(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.hangs(after=True))
    reply = world.judge(reviews.request(), query="timeout=1200ms")
    assert (reply.allowed, reply.reason) == (True, "Approved")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429])
def test_refused_claim_was_not_written_and_spends_nothing(world: World, status: int) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.fails(status, "Refused"))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert world.judge(reviews.request()).allowed
