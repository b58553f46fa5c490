"""One review is answered twice, by two webhooks: whichever answer arrives, the change is stored once at most."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.faults import faults
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, UPDATE, Scene
from tests.gate.asking import asked

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
RETRIES = 8


@pytest.mark.parametrize("take", [0, 1], ids=["first", "second"])
def test_at_the_same_time(scene: Scene, take: int) -> None:
    scene.approved(CREATE)
    scene.world.front.on("changes", faults.asked_of_both(scene.world.spare.url, together=True, take=take))
    outcome = scene.attempt(CREATE, "review answered by two at once")
    assert CREATE.stored(scene.place) == (outcome == PASSED)


def test_one_after_the_other_and_the_first_answer_arrives(scene: Scene) -> None:
    """The second webhook finds the approval used and asks for the next, as for any request that it did not claim."""
    waiting = scene.approved(CREATE)
    scene.world.front.on("changes", faults.asked_of_both(scene.world.spare.url, together=False, take=0))
    assert scene.attempt(CREATE, "review answered twice, the first arrives") == PASSED
    assert CREATE.stored(scene.place) == 1
    assert scene.place.approval(waiting)["spec"]["previous"]["outcome"] == "Consumed"


def test_one_after_the_other_and_the_second_answer_arrives(scene: Scene) -> None:
    scene.approved(CREATE)
    scene.world.front.on("changes", faults.asked_of_both(scene.world.spare.url, together=False, take=1))
    assert scene.attempt(CREATE, "review answered twice, the second arrives") == "ApprovalRequired"
    assert CREATE.stored(scene.place) == 0
    pending = asked(CREATE.send(scene.place))
    scene.approve(pending)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED


def test_retries_of_an_unstored_update_race(scene: Scene) -> None:
    """Several may pass again, as long as the object is the one that was claimed for: it is stored once all the same."""
    scene.approved(UPDATE)
    scene.world.front.on("changes", faults.answer_lost)
    assert scene.attempt(UPDATE, "verdict: answer lost") == "InternalError"
    with ThreadPoolExecutor(RETRIES) as pool:
        outcomes = list(pool.map(lambda _: scene.send(UPDATE), range(RETRIES)))
    assert outcomes.count(PASSED) == 1
    assert UPDATE.stored(scene.place) == 1


def test_both_ask(scene: Scene) -> None:
    scene.world.front.on("changes", faults.asked_of_both(scene.world.spare.url, together=True, take=1))
    asked(CREATE.send(scene.place))
    assert len(scene.place.items("manifestapprovals")) == 1
