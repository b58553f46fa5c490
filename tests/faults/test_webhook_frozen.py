"""The webhook stands still (SIGSTOP) while a review waits for it, and goes on when the API server has hung up."""

import pytest

from e2e.faults import faults
from e2e.faults.tally import PASSED
from e2e.waiting import wait_until
from tests.faults.scene import AFTERWARDS, CREATE, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
GIVEN = 1.3
"""Seconds that the API server waits here: more than the one that a claim needs."""


def test_claims_nothing_for_nobody(scene: Scene) -> None:
    waiting = scene.approved(CREATE)
    webhook = scene.world.webhook
    scene.world.front.on("changes", faults.given(GIVEN))
    answers = webhook.answers()
    with scene.world.frozen(webhook):
        assert scene.attempt(CREATE, "webhook frozen until the API server hung up") == "InternalError"
    wait_until(lambda: webhook.answers() > answers, "the review that nobody waits for was answered")
    assert scene.claim(waiting) is None
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED
