"""The webhook is killed (SIGKILL) at every place where it waits: nothing is stored, and the agent can go on.

A call that only reads leaves nothing behind, so being killed before and after it is the same; a write is met twice.
"""

from dataclasses import dataclass

import pytest

from e2e.faults import faults
from e2e.faults.proxy import Proxy
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, DELETE, UPDATE, Change, Scene
from tests.gate.asking import Refusal, asked

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
GONE = "InternalError"
"""What the API server says to the agent when the webhook goes away: failurePolicy Fail."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The call in which it is killed: one of its own, or the answer to the API server."""

    call: str
    after: bool = False

    def __str__(self) -> str:
        return f"{self.call}, {'done' if self.after else 'not done'}"

    def proxy(self, scene: Scene) -> Proxy:
        """Return where the call is met."""
        return scene.world.front if self.call in {"changes", "approvals", "stamp"} else scene.world.back


ANSWER = Moment("changes", after=True)
UNCLAIMED = [Moment("get cached approval"), Moment("access review"), Moment("claim")]
CLAIMED = [Moment("claim", after=True), ANSWER]
UNASKED = [Moment("get cached approval"), Moment("get approval"), Moment("create approval")]
ASKED = [Moment("create approval", after=True), ANSWER]


def killed(scene: Scene, change: Change, moment: Moment) -> None:
    """Try, and have the webhook killed at this moment; nothing is stored."""
    before = change.stored(scene.place)
    with (
        moment.proxy(scene).held(moment.call, after=moment.after) as hold,
        scene.attempting(change, f"webhook killed: {moment}") as result,
    ):
        hold.wait()
        scene.world.kill_webhook()
        hold.cut()
        assert result.result() == GONE
    assert change.stored(scene.place) == before


def killed_while_asking(scene: Scene, change: Change, moment: Moment) -> None:
    """The same where no approval stands: a refusal is no false one, so nothing is counted."""
    killed(scene, change, moment)
    scene.tries.clear()


def spent(scene: Scene, change: Change) -> Refusal:
    """Return an approval that has let its change through."""
    waiting = scene.approved(change)
    assert scene.attempt(change, AFTERWARDS) == PASSED
    return waiting


@pytest.mark.parametrize("moment", UNCLAIMED, ids=str)
def test_before_the_claim_the_approval_stays(scene: Scene, moment: Moment) -> None:
    waiting = scene.approved(CREATE)
    killed(scene, CREATE, moment)
    assert scene.claim(waiting) is None
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


@pytest.mark.parametrize("moment", CLAIMED, ids=str)
def test_after_the_claim_a_creation_is_asked_for_again(scene: Scene, moment: Moment) -> None:
    waiting = scene.approved(CREATE)
    killed(scene, CREATE, moment)
    assert scene.claim(waiting)
    scene.asks_again(CREATE)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


@pytest.mark.parametrize("change", [UPDATE, DELETE], ids=["update", "delete"])
def test_after_the_claim_what_binds_a_uid_passes_again(scene: Scene, change: Change) -> None:
    scene.approved(change)
    killed(scene, change, Moment("claim", after=True))
    assert scene.attempt(change, AFTERWARDS) == PASSED
    assert change.stored(scene.place) == 1


def test_after_the_mark_of_a_second_pass_an_update_passes_once_more(scene: Scene) -> None:
    scene.approved(UPDATE)
    scene.world.front.on("changes", faults.answer_lost)
    assert scene.attempt(UPDATE, "verdict: answer lost") == GONE
    killed(scene, UPDATE, Moment("claim", after=True))
    assert scene.attempt(UPDATE, AFTERWARDS) == PASSED
    assert UPDATE.stored(scene.place) == 1


@pytest.mark.parametrize("moment", UNASKED, ids=str)
def test_before_the_approval_is_created_the_next_try_asks(scene: Scene, moment: Moment) -> None:
    killed_while_asking(scene, CREATE, moment)
    assert scene.place.items("manifestapprovals") == []
    assert asked(CREATE.send(scene.place)).reason == "ApprovalRequired"


@pytest.mark.parametrize("moment", ASKED, ids=str)
def test_once_it_is_created_the_next_try_finds_it(scene: Scene, moment: Moment) -> None:
    killed_while_asking(scene, CREATE, moment)
    assert asked(CREATE.send(scene.place)).reason == "ApprovalPending"
    assert len(scene.place.items("manifestapprovals")) == 1


def test_before_a_spent_approval_is_deleted(scene: Scene) -> None:
    waiting = spent(scene, CREATE)
    killed_while_asking(scene, CREATE, Moment("delete approval"))
    assert scene.claim(waiting)
    scene.asks_again(CREATE)


@pytest.mark.parametrize("moment", [Moment("delete approval", after=True), Moment("create approval")], ids=str)
def test_between_deletion_and_creation_the_next_try_asks(scene: Scene, moment: Moment) -> None:
    """What became of the last approval is then no longer told in the next: it is in the records alone."""
    spent(scene, CREATE)
    killed_while_asking(scene, CREATE, moment)
    assert scene.place.items("manifestapprovals") == []
    scene.asks_again(CREATE, outcome_of_last=None)


@pytest.mark.parametrize("moment", [Moment("stamp"), Moment("access review"), Moment("approvals", after=True)], ids=str)
def test_while_a_person_decides_nothing_is_decided(scene: Scene, moment: Moment) -> None:
    waiting = asked(CREATE.send(scene.place))
    with moment.proxy(scene).held(moment.call, after=moment.after) as hold, scene.deciding(waiting) as result:
        hold.wait()
        scene.world.kill_webhook()
        hold.cut()
        assert result.result() == GONE
    assert "decisions" not in scene.place.approval(waiting)["spec"]
    scene.approve(waiting)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
