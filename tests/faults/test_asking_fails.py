"""The writes that ask for an approval are lost or doubled: one approval in the end, and nothing is stored."""

import pytest

from e2e.faults import faults
from e2e.faults.proxy import Fault
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, Scene
from tests.gate.asking import asked

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
LOST: dict[str, Fault] = {
    "lost": faults.lost,
    "answered 503": faults.answered(503, "ServiceUnavailable"),
    "answer lost": faults.answer_lost,
    "done, answered 504": faults.answered(504, "Timeout", after=True),
}


@pytest.mark.parametrize("fault", LOST)
def test_creation_of_the_approval(scene: Scene, fault: str) -> None:
    scene.world.back.on("create approval", LOST[fault])
    assert scene.send(CREATE) == "Unavailable"
    asked(CREATE.send(scene.place))
    assert len(scene.place.items("manifestapprovals")) == 1


@pytest.mark.parametrize("fault", ["answered 503", "done, answered 504"])
def test_deletion_of_a_spent_approval(scene: Scene, fault: str) -> None:
    scene.approved(CREATE)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    scene.world.back.on("delete approval", LOST[fault])
    assert scene.send(CREATE) == "Unavailable"
    asked(CREATE.send(scene.place))
    assert len(scene.place.items("manifestapprovals")) == 1
    assert CREATE.stored(scene.place) == 1


@pytest.mark.parametrize("call", ["delete approval", "create approval"])
def test_sent_twice(scene: Scene, call: str) -> None:
    """The second answer says 404 or 409: the webhook reads again and finds what there is."""
    scene.approved(CREATE)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    scene.world.back.on(call, faults.sent_twice)
    asked(CREATE.send(scene.place))
    approvals = scene.place.items("manifestapprovals")
    assert [("claim" in item["status"], "decisions" in item["spec"]) for item in approvals] == [(False, False)]
