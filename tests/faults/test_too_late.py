"""Under a second is left, or the API server has given up already: no claim that could be stored late."""

import time

import pytest

from e2e.faults.tally import PASSED
from e2e.waiting import wait_until
from tests.faults.scene import CREATE, SIZE, UPDATE, Scene

pytestmark = pytest.mark.cluster
TOO_LATE = 4.1
"""Seconds after which less than one is left of the registration's five."""


def test_three_delays(scene: Scene) -> None:
    """At once, because each takes five seconds.

    A read that ends with under a second left: no claim is sent. A claim that is under way when time is up: refused as
    spent; it meets the next try's, and one of them is stored. A review that arrives when nobody waits for its answer
    any more: the webhook cannot know that, claims in vain, and the creation is asked for again.
    """
    world = scene.world
    for change in (SIZE, UPDATE, CREATE):
        waiting = scene.approved(change)
    started = time.monotonic()
    with (
        world.back.held("get cached approval") as read,
        scene.attempting(SIZE, "under 1 s left after reading") as late,
    ):
        read.wait()
        with (
            world.back.held("claim") as claim,
            scene.attempting(UPDATE, "claim delayed beyond the time") as delayed,
        ):
            claim.wait()
            with (
                world.front.held("changes") as review,
                scene.attempting(CREATE, "review delayed beyond the time") as unheard,
            ):
                review.wait()
                wait_until(lambda: time.monotonic() - started > TOO_LATE, "less than a second was left")
                read.release()
                assert late.result() == "Unavailable"
                assert delayed.result() in {"Unavailable", "ApprovalSpent", "InternalError"}
                assert unheard.result() == "InternalError"
                claims = world.back.count("claim")
                for change in (SIZE, UPDATE):
                    assert scene.attempt(change, "afterwards") == PASSED
                assert world.back.count("claim") == claims + 2
                review.release()
                claim.release()
    wait_until(lambda: scene.claim(waiting), "the review that came too late was claimed for")
    wait_until(lambda: world.back.count("claim") == claims + 4, "both delayed claims were answered")
    assert [change.stored(scene.place) for change in (SIZE, UPDATE, CREATE)] == [1, 1, 0]
    scene.asks_again(CREATE)
    assert scene.attempt(CREATE, "afterwards") == PASSED
