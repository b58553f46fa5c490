"""409 upon 409: others keep writing to the approval while an agent uses it."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from e2e.faults import faults
from e2e.faults.tally import PASSED
from tests.faults.scene import AFTERWARDS, CREATE, Scene
from tests.gate.asking import Refusal

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
CLAIMS = 4
"""How often one request claims at most: a first time, and three times after a conflict."""
WRITERS = 6
TRIES = 5


def annotator(scene: Scene, waiting: Refusal) -> Callable[[], None]:
    """Return what somebody does who writes to the approval and decides nothing: each time it gets another version."""
    numbers = itertools.count()

    def annotate() -> None:
        body = {"metadata": {"annotations": {"example.org/seen": str(next(numbers))}}}
        assert scene.place.patch_approval(waiting, body, as_="admin")[0] == 200

    return annotate


@contextmanager
def storm(write: Callable[[], None]) -> Iterator[None]:
    """Many write as fast as they can, inside the block."""
    is_over = threading.Event()

    def keep_writing() -> None:
        while not is_over.is_set():
            write()

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(keep_writing) for _ in range(WRITERS)]
        try:
            yield
        finally:
            is_over.set()
    for writer in writers:
        writer.result()


@pytest.mark.parametrize("conflicts", range(1, CLAIMS))
def test_some_conflicts_are_overcome(scene: Scene, conflicts: int) -> None:
    waiting = scene.approved(CREATE)
    scene.world.back.on("claim", *[faults.but_first(annotator(scene, waiting))] * conflicts)
    assert scene.attempt(CREATE, "1 to 3 conflicts at the claim") == PASSED
    assert CREATE.stored(scene.place) == 1


def test_a_conflict_at_every_claim_is_a_refusal_that_spends_nothing(scene: Scene) -> None:
    waiting = scene.approved(CREATE)
    scene.world.back.on("claim", *[faults.but_first(annotator(scene, waiting))] * CLAIMS)
    assert scene.attempt(CREATE, "a conflict at every claim") == "Conflict"
    assert scene.claim(waiting) is None
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


def test_a_storm(scene: Scene) -> None:
    """Whoever gets through claims once; whoever does not has spent nothing, and passes after the storm."""
    waiting = scene.approved(CREATE)
    outcomes: list[str] = []
    with storm(annotator(scene, waiting)):
        while PASSED not in outcomes and len(outcomes) < TRIES:
            outcomes.append(scene.attempt(CREATE, f"storm of {WRITERS} writers"))
    assert set(outcomes) <= {PASSED, "Conflict"}
    if PASSED not in outcomes:
        assert scene.attempt(CREATE, AFTERWARDS) == PASSED
    assert CREATE.stored(scene.place) == 1


def test_revoked_in_the_storm(scene: Scene) -> None:
    """A revocation between reading and claiming is a conflict as well: nothing passes any more."""
    waiting = scene.approved(CREATE)

    def revoke() -> None:
        body = {"spec": {"revoked": {"reason": "no"}}}
        assert scene.place.patch_approval(waiting, body)[0] == 200

    scene.world.back.on("claim", faults.but_first(revoke))
    assert scene.send(CREATE) == "ApprovalRequired"
    assert CREATE.stored(scene.place) == 0
