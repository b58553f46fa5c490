"""Eight webhooks, fifty attempts at once: an approved change that is not idempotent is stored exactly once, a revoked one never (C071)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from tests.gate.asking import Answer, Place, asked
from tests.gate.samples import KINDS, config_map

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
PROCESSES = 8
ATTEMPTS = 50


@pytest.fixture(scope="module")
def webhooks(gated: Gated) -> Iterator[list[Webhook]]:
    state = gated.control_plane.state
    replicas = [Webhook(gated.control_plane, state / f"webhook-{number}") for number in range(PROCESSES)]
    with gated.answered_by(replicas):
        yield replicas


def at_once(attempt: Callable[[], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(ATTEMPTS) as pool:
        return [future.result() for future in [pool.submit(attempt) for _ in range(ATTEMPTS)]]


def append() -> list[dict[str, Any]]:
    return [{"op": "add", "path": "/spec/tags/-", "value": "two"}]


CHANGES: dict[str, tuple[Callable[[Place], Answer], Callable[[Place], int]]] = {
    "JSON patch that appends": (
        lambda place: place.patch("widgets", "web", append()),
        lambda place: place.get("widgets", "web")["spec"]["tags"].count("two"),
    ),
    "generateName": (
        lambda place: place.create("configmaps", {"metadata": {"generateName": "web-"}, "data": {"a": "b"}}),
        lambda place: sum(item["metadata"]["name"].startswith("web-") for item in place.items("configmaps")),
    ),
    "create": (
        lambda place: place.create("configmaps", config_map("web")),
        lambda place: sum(item["metadata"]["name"] == "web" for item in place.items("configmaps")),
    ),
}


@pytest.mark.parametrize(("attempt", "stored"), CHANGES.values(), ids=CHANGES.keys())
def test_exactly_once(
    webhooks: list[Webhook], place: Place, attempt: Callable[[Place], Answer], stored: Callable[[Place], int]
) -> None:
    place.given("widgets", KINDS["custom resource"].sample)
    refused = asked(attempt(place))
    before = [webhook.answers() for webhook in webhooks]
    place.approve(refused)
    answers = at_once(lambda: attempt(place))
    passed = [answer for answer in answers if answer[0] in {200, 201}]
    assert len(passed) == 1, [answer[1].get("reason") for answer in answers]
    assert stored(place) == 1
    assert {answer[0] for answer in answers} <= {200, 201, 403}
    busy = sum(webhook.answers() > count for webhook, count in zip(webhooks, before, strict=True))
    assert busy >= PROCESSES // 2


def test_every_attempt_makes_the_same_one_approval(webhooks: list[Webhook], place: Place) -> None:
    answers = at_once(lambda: place.create("configmaps", config_map("new")))
    assert {asked(answer).approval for answer in answers} == {asked(answers[0]).approval}
    assert len(place.items("manifestapprovals")) == 1
    assert webhooks


def test_revoked_is_revoked_at_once_for_every_process(webhooks: list[Webhook], place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.patch_approval(waiting, {"spec": {"revoked": {"reason": "wait"}}}, as_="bob")[0] == 200
    before = [webhook.answers() for webhook in webhooks]
    answers = at_once(place.ask)
    assert {answer[0] for answer in answers} == {403}
    assert not place.exists("configmaps", "web")
    busy = sum(webhook.answers() > count for webhook, count in zip(webhooks, before, strict=True))
    assert busy >= PROCESSES // 2
