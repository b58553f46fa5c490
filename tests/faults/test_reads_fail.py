"""What the webhook has to know and cannot find out is a refusal that spends nothing: the same request passes later."""

import pytest

from e2e.faults import faults
from e2e.faults.proxy import Fault
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, Scene
from tests.gate.asking import asked

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
READS = ("get cached approval", "access review")
FAILURES: dict[str, Fault] = {
    "answered 500": faults.answered(500, "InternalError"),
    "answered 429": faults.answered(429, "TooManyRequests"),
    "answer lost": faults.answer_lost,
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("read", READS)
def test_refused_and_nothing_is_spent(scene: Scene, read: str, failure: str) -> None:
    waiting = scene.approved(CREATE)
    # The client itself sends a GET once more where a connection breaks, never a POST.
    is_repeated = (read, failure) == ("get cached approval", "answer lost")
    scene.world.back.on(read, *[FAILURES[failure]] * (2 if is_repeated else 1))
    assert scene.attempt(CREATE, f"{read}: {failure}") == "Unavailable"
    assert scene.claim(waiting) is None
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


def test_one_broken_connection_of_a_read_is_not_noticed(scene: Scene) -> None:
    scene.approved(CREATE)
    scene.world.back.on("get cached approval", faults.answer_lost)
    assert scene.attempt(CREATE, "get cached approval: answer lost once") == PASSED


def test_stale_read_of_a_claimed_approval_passes_nothing_twice(scene: Scene) -> None:
    """The cache says Approved, the claim on that version is refused, and the quorum read knows better."""
    waiting = scene.approved(CREATE)
    before = scene.place.approval(waiting)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    scene.world.back.on("get cached approval", faults.stale(before))
    again = asked(CREATE.send(scene.place))
    assert again.reason == "ApprovalRequired"
    assert scene.place.approval(again)["spec"]["previous"]["outcome"] == "Consumed"
    assert CREATE.stored(scene.place) == 1
