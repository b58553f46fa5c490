"""Webhooks whose clocks are a minute apart: decisions and uses still fit; times end as early or late as clocks differ."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from e2e.faults import faults
from e2e.faults.tally import PASSED
from e2e.faults.world import FaultyWorld
from e2e.gated.policies import GROUP_OF_AGENTS, group, policy, rule
from e2e.gated.webhook import Webhook
from e2e.waiting import wait_until
from tests.faults.scene import AFTERWARDS, CREATE, Scene
from tests.gate.asking import asked

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
MINUTE = 60
SHORT = timedelta(seconds=1)


@pytest.fixture(scope="module")
def clocks(world: FaultyWorld) -> Iterator[dict[str, Webhook]]:
    """Yield a webhook a minute ahead and one a minute behind."""
    webhooks = {"ahead": world.launch(ahead=MINUTE), "behind": world.launch(ahead=-MINUTE)}
    for webhook in webhooks.values():
        webhook.wait()
    yield webhooks
    for webhook in webhooks.values():
        webhook.kill()


@contextmanager
def used_within(scene: Scene, seconds: int, clock: Webhook) -> Iterator[None]:
    """Have approvals of this scene's changes usable for a time that is short enough to see it end."""
    terms = {"useWithin": f"{seconds}s"}
    short = rule("short", namespaces=[scene.place.namespace], approval=terms)
    with scene.world.under(policy("short", [group(GROUP_OF_AGENTS)], [short]), clock):
        yield


@pytest.mark.parametrize(
    ("hooks", "clock"),
    [
        (["stamp"], "ahead"),
        (["stamp"], "behind"),
        (["approvals"], "ahead"),
        (["approvals"], "behind"),
        (["stamp", "approvals"], "ahead"),
        (["stamp", "approvals"], "behind"),
    ],
    ids=str,
)
def test_decided_by_a_minute_and_used(scene: Scene, clocks: dict[str, Webhook], hooks: list[str], clock: str) -> None:
    waiting = asked(CREATE.send(scene.place))
    for hook in hooks:
        scene.world.front.on(hook, faults.sent_to(clocks[clock].url))
    scene.approve(waiting)
    assert scene.attempt(CREATE, "clocks a minute apart at the decision") == PASSED
    assert CREATE.stored(scene.place) == 1


def test_two_minutes_apart_refuse_a_decision(scene: Scene, clocks: dict[str, Webhook]) -> None:
    """Stamped by one, guarded by the other: more than the 90 s that are taken for one moment. The next try passes."""
    waiting = asked(CREATE.send(scene.place))
    scene.world.front.on("stamp", faults.sent_to(clocks["ahead"].url))
    scene.world.front.on("approvals", faults.sent_to(clocks["behind"].url))
    status, answer = scene.place.decide(waiting)
    assert (status, answer["reason"]) == (403, "NotADecision")
    scene.approve(waiting)
    assert scene.attempt(CREATE, AFTERWARDS) == PASSED


def test_ahead_an_approval_ends_early(scene: Scene, clocks: dict[str, Webhook]) -> None:
    ahead = clocks["ahead"]
    with used_within(scene, MINUTE // 2, ahead):
        scene.approved(CREATE)
        with scene.world.answered_by(ahead):
            assert scene.attempt(CREATE, "clock a minute ahead at the use") == "ApprovalRequired"
        assert CREATE.stored(scene.place) == 0
        pending = asked(CREATE.send(scene.place))
        assert scene.place.approval(pending)["spec"]["previous"]["outcome"] == "Expired"


def test_behind_an_approval_ends_late(scene: Scene, clocks: dict[str, Webhook]) -> None:
    """By as much as the clock is behind, and no other rule gives way: it still passes once."""
    behind = clocks["behind"]
    with used_within(scene, SHORT.seconds, behind):
        waiting = scene.approved(CREATE)
        decided = next(iter(scene.place.approval(waiting)["spec"]["decisions"].values()))
        end = datetime.fromisoformat(decided["at"]) + SHORT
        wait_until(lambda: datetime.now(UTC) > end, "the approval's time was over")
        with scene.world.answered_by(behind):
            assert scene.attempt(CREATE, "clock a minute behind at the use") == PASSED
            scene.asks_again(CREATE)
        assert CREATE.stored(scene.place) == 1
