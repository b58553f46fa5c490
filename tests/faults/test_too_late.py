"""Too late: no claim is sent with under a second left, and one that arrives after its time changes nothing."""

import time

import pytest

from e2e.faults.tally import PASSED
from e2e.waiting import wait_until
from tests.faults.scene import AFTERWARDS, CREATE, UPDATE, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
TOO_LATE = 4.1
"""Seconds after which less than one is left of the registration's five."""


def test_read_and_claim_delayed(scene: Scene) -> None:
    """Both at once, because each takes five seconds.

    A read that ends with under a second left is a refusal, and no claim is sent. A claim that is still on its way when
    its request is refused meets the claim of the next try: one of the two is written.
    """
    back = scene.world.back
    for change in (UPDATE, CREATE):
        scene.approved(change)
    started = time.monotonic()
    with (
        back.held("get cached approval") as read,
        scene.attempting(UPDATE, "under 1 s left after reading") as late,
    ):
        read.wait()
        with back.held("claim") as claim, scene.attempting(CREATE, "claim delayed beyond the time") as delayed:
            claim.wait()
            wait_until(lambda: time.monotonic() - started > TOO_LATE, "less than a second was left")
            read.release()
            assert late.result() == "Unavailable"
            assert delayed.result() in {"Unavailable", "ApprovalSpent", "InternalError"}
            claims = back.count("claim")
            for change in (UPDATE, CREATE):
                assert scene.attempt(change, AFTERWARDS) == PASSED
            assert back.count("claim") == claims + 2
            claim.release()
    wait_until(lambda: back.count("claim") == claims + 3, "the delayed claim was answered")
    call, reply = back.seen[-1]
    assert (call.kind, reply and reply.status) == ("claim", 409)
    assert [change.stored(scene.place) for change in (UPDATE, CREATE)] == [1, 1]
