"""The answer to the claim is lost, late, wrong or doubled: ours passes, anything else is spent, never two."""

import pytest

from e2e.faults import faults
from e2e.faults.proxy import Fault
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, UPDATE, Change, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
WRITTEN: dict[str, Fault] = {
    "claim: answer lost": faults.answer_lost,
    "claim: written, answered 504": faults.answered(504, "Timeout", after=True),
    "claim: written, answered 500": faults.answered(500, "InternalError", after=True),
    "claim: sent twice": faults.sent_twice,
}
NOT_WRITTEN: dict[str, Fault] = {
    "claim: lost": faults.lost,
    "claim: answered 503": faults.answered(503, "ServiceUnavailable"),
}


@pytest.mark.parametrize("scenario", WRITTEN)
def test_written_claim_is_found_and_the_change_passes(scene: Scene, scenario: str) -> None:
    scene.approved(CREATE)
    scene.world.back.on("claim", WRITTEN[scenario])
    assert scene.attempt(CREATE, scenario) == PASSED
    assert CREATE.stored(scene.place) == 1
    scene.asks_again(CREATE)


@pytest.mark.parametrize("scenario", NOT_WRITTEN)
def test_claim_that_was_not_written_counts_as_spent_and_still_stands(scene: Scene, scenario: str) -> None:
    scene.approved(CREATE)
    scene.world.back.on("claim", NOT_WRITTEN[scenario])
    assert scene.attempt(CREATE, scenario) == "ApprovalSpent"
    assert CREATE.stored(scene.place) == 0
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


@pytest.mark.parametrize("change", [CREATE, UPDATE], ids=["create", "update"])
def test_neither_answer_nor_look(scene: Scene, change: Change) -> None:
    waiting = scene.approved(change)
    scene.world.back.on("claim", faults.answer_lost)
    scene.world.back.on("get approval", faults.answered(500, "InternalError"))
    assert scene.attempt(change, "claim: answer and look lost") == "Unavailable"
    assert scene.claim(waiting)
    assert change.stored(scene.place) == 0
    if change is CREATE:
        scene.asks_again(change)
    assert scene.attempt(change, AFTERWARDS) == PASSED
    assert change.stored(scene.place) == 1
