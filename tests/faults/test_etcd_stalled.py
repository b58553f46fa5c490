"""etcd stops answering (SIGSTOP) and goes on: at the claim, and between the webhook's allow and the store."""

import pytest

from e2e.faults.tally import PASSED
from tests.faults.scene import CREATE, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
STALLED = 1.0


def test_at_the_claim(scene: Scene) -> None:
    """Nobody learns in time whether it was written: refused, and spent where it was."""
    scene.approved(CREATE)
    with (
        scene.world.back.held("claim") as hold,
        scene.attempting(CREATE, "etcd stalled at the claim") as result,
    ):
        hold.wait()
        with scene.world.etcd.stalled():
            hold.release()
            assert result.result() in {"Unavailable", "ApprovalSpent", "InternalError"}
    assert CREATE.stored(scene.place) == 0
    scene.goes_on(CREATE)
    assert CREATE.stored(scene.place) == 1


def test_at_the_store(scene: Scene) -> None:
    """The API server waits: an allow is an allow, and it is stored once."""
    scene.approved(CREATE)
    with (
        scene.world.front.held("changes", after=True) as hold,
        scene.attempting(CREATE, "etcd stalled at the store") as result,
    ):
        hold.wait()
        with scene.world.etcd.stalled():
            hold.release()
            with pytest.raises(TimeoutError):
                result.result(STALLED)
        assert result.result() == PASSED
    assert CREATE.stored(scene.place) == 1
    scene.asks_again(CREATE)
