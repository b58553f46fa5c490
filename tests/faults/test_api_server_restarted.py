"""The API server goes away between claim and store, and comes back: what was not stored can be asked for again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from e2e.faults.tally import NO_ANSWER, PASSED
from tests.faults.scene import AFTERWARDS, CREATE, SIZE, UPDATE, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
UNSTORED = 0.5
"""Seconds in which an API server that can reach its etcd has long stored a ConfigMap."""


@contextmanager
def unapproved_tries(scene: Scene) -> Iterator[None]:
    """Have an agent try, without pause, what nobody approved: a server that is coming up may not let it slip through."""
    is_over = threading.Event()

    def keep_trying() -> None:
        while not is_over.is_set():
            scene.send(SIZE)

    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(keep_trying)
        try:
            yield
        finally:
            is_over.set()
    trying.result()


def test_after_the_claim(scene: Scene) -> None:
    claims = [scene.approved(CREATE), scene.approved(UPDATE)]
    back, fault = scene.world.back, "API server restarted after the claim"
    with (
        unapproved_tries(scene),
        back.held("claim", after=True) as first,
        back.held("claim", after=True) as second,
        scene.attempting(CREATE, fault) as creation,
        scene.attempting(UPDATE, fault) as update,
    ):
        first.wait()
        second.wait()
        scene.world.control_plane.restart_apiserver()
        first.release()
        second.release()
        # Where it takes long, the webhook gives up before the API server hangs up, and its refusal still comes through.
        assert {creation.result(), update.result()} <= {NO_ANSWER, "Unavailable"}
    scene.world.wait_ready()
    assert all(scene.claim(waiting) for waiting in claims)
    assert (CREATE.stored(scene.place), UPDATE.stored(scene.place), SIZE.stored(scene.place)) == (0, 0, 0)
    scene.asks_again(CREATE)
    for change in (CREATE, UPDATE):
        assert scene.attempt(change, AFTERWARDS) == PASSED
        assert change.stored(scene.place) == 1


def test_after_the_allow(scene: Scene) -> None:
    """Whether the store reached etcd before the end is open, and the same either way: the approval is spent."""
    scene.approved(CREATE)
    with (
        scene.world.front.held("changes", after=True) as hold,
        scene.attempting(CREATE, "API server killed before it stored") as result,
    ):
        hold.wait()
        with scene.world.etcd.stalled():
            hold.release()
            with pytest.raises(TimeoutError):
                result.result(UNSTORED)
            scene.world.kill_apiserver()
        scene.world.control_plane.restart_apiserver()
        assert result.result() == NO_ANSWER
    scene.world.wait_ready()
    stored = CREATE.stored(scene.place)
    assert stored <= 1
    scene.asks_again(CREATE)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == stored + 1
