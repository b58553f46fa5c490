"""When the policies could not be listed for ten seconds, nobody passes and nobody decides; nothing is spent by it."""

import pytest

from e2e.faults import faults
from e2e.faults.tally import PASSED
from e2e.waiting import wait_until
from tests.faults.scene import AFTERWARDS, CREATE, SIZE, Scene
from tests.gate.asking import asked, refusal

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
OLDEST = 10
MANY = 100


def test_refused_and_nothing_is_spent(scene: Scene) -> None:
    world, waiting = scene.world, asked(SIZE.send(scene.place))
    approved = scene.approved(CREATE)

    def is_known() -> bool:
        return world.webhook.metric("kubeapprove_policy_age_seconds") < OLDEST

    world.back.on("list policies", *[faults.answered(500, "InternalError")] * MANY)
    try:
        wait_until(lambda: not is_known(), "the policies were too old")
        assert scene.attempt(CREATE, "policies not listed for 10 s") == "PolicyUnknown"
        assert refusal(scene.place.decide(waiting)).reason == "PolicyUnknown"
        assert scene.claim(approved) is None
    finally:
        world.back.forget()
    wait_until(is_known, "the policies were known again")
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    scene.approve(waiting)
    assert scene.attempt(SIZE, AFTERWARDS) == PASSED
