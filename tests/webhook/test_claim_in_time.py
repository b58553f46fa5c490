"""No claim with under a second left of the earlier of 5 s and the URL's timeout (C102)."""

import pytest

from kubeapprove_webhook.clock import MAX_SECONDS, clock_for
from tests.webhook import apiserver, reviews
from tests.webhook.world import World

SECONDS: dict[str, float] = {
    "3s": 3,
    "500ms": 0.5,
    "1.5s": 1.5,
    "0s": 0,
    "5s": 5,
    "30s": MAX_SECONDS,
    "999999999s": MAX_SECONDS,
    "": MAX_SECONDS,
    "1m0s": MAX_SECONDS,
    "-1s": MAX_SECONDS,
    "nan": MAX_SECONDS,
    "infs": MAX_SECONDS,
    "1e9s": MAX_SECONDS,
    "\u0663s": MAX_SECONDS,
    "9" * 5000 + "s": MAX_SECONDS,
    "1": MAX_SECONDS,
}


@pytest.mark.parametrize("text", SECONDS, ids=lambda text: text[:12] or "none")
def test_timeout_of_the_url(text: str) -> None:
    assert clock_for(text).seconds == SECONDS[text]


@pytest.mark.parametrize("query", ["timeout=900ms", "timeout=0.95s", "timeout=0s"])
def test_under_a_second_left_sends_no_claim(world: World, query: str) -> None:
    world.approved(reviews.request())
    reply = world.judge(reviews.request(), query=query)
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert world.server.count("claim") == 0


def test_time_spent_on_reading_counts(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("get cached approval", apiserver.hangs())
    reply = world.judge(reviews.request(), query="timeout=1050ms")
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert world.server.count("claim") == 0


def test_refusal_for_want_of_time_says_that_nothing_is_spent(world: World) -> None:
    world.approved(reviews.request())
    reply = world.judge(reviews.request(), query="timeout=900ms")
    assert "nothing was spent: run the same command again" in reply.message
    assert world.judge(reviews.request()).allowed
