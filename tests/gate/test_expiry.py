"""Nobody uses an approval after its time, and a decision that comes too late counts for nothing (C070)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal, asked, refusal

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module", autouse=True)
def short_times(gated: Gated) -> Iterator[None]:
    webhook = Webhook(gated.control_plane, gated.control_plane.state / "webhook-short")
    with gated.answered_by([webhook], {**gated.settings, "pendingFor": "3s", "useWithin": "1s"}):
        yield


def expired(place: Place, waiting: Refusal) -> None:
    until = datetime.fromisoformat(place.approval(waiting)["spec"]["pendingUntil"])
    wait_until(lambda: datetime.now(UTC) > until, "the approval's time was over")


def test_nobody_decided_in_time(place: Place) -> None:
    waiting = asked(place.ask())
    expired(place, waiting)
    assert refusal(place.decide(waiting)).reason == "NotADecision"
    again = asked(place.ask())
    assert (again.reason, "expired" in again.message) == ("ApprovalRequired", True)
    assert place.approval(again)["spec"]["previous"]["outcome"] == "Expired"


def test_not_used_in_time(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting)[0] == 200
    expired(place, waiting)
    again = asked(place.ask())
    previous = place.approval(again)["spec"]["previous"]
    assert (previous["outcome"], previous["by"]) == ("Expired", ["alice"])
    assert not place.exists("configmaps", "web")


def test_denied_outlives_the_time(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    expired(place, waiting)
    assert refusal(place.ask()).reason == "ApprovalDenied"
