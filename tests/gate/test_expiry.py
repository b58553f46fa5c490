"""Nobody uses an approval after its time, and a decision that comes too late counts for nothing (C070)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
Requests = dict[str, Refusal]


@pytest.fixture(scope="module")
def here(gated: Gated) -> Iterator[Place]:
    """A namespace in front of which approvals live for seconds."""
    namespace = f"gate-{uuid4().hex[:8]}"
    assert gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})[0] == 201
    webhook = Webhook(gated.control_plane, gated.control_plane.state / "webhook-short")
    with gated.answered_by([webhook], {**gated.settings, "pendingFor": "3s", "useWithin": "1s"}):
        yield Place(gated, namespace)


@pytest.fixture(scope="module")
def expired(here: Place) -> Requests:
    """Ask for three changes, decide on two, and wait until the time of all is over."""
    requests = {name: asked(here.create("configmaps", config_map(name))) for name in ("nobody", "approved", "denied")}
    assert here.decide(requests["approved"])[0] == 200
    assert here.decide(requests["denied"], verdict="Denied", reason="no")[0] == 200
    last = max(datetime.fromisoformat(here.approval(one)["spec"]["pendingUntil"]) for one in requests.values())
    wait_until(lambda: datetime.now(UTC) > last, "the time of every approval was over")
    return requests


def again(place: Place, name: str) -> Refusal:
    return refusal(place.create("configmaps", config_map(name)))


def test_nobody_decided_in_time(here: Place, expired: Requests) -> None:
    assert refusal(here.decide(expired["nobody"])).reason == "NotADecision"
    asked_again = again(here, "nobody")
    assert (asked_again.reason, "expired" in asked_again.message) == ("ApprovalRequired", True)
    assert here.approval(asked_again)["spec"]["previous"]["outcome"] == "Expired"


def test_not_used_in_time(here: Place, expired: Requests) -> None:
    asked_again = again(here, "approved")
    assert (asked_again.reason, asked_again.approval) == ("ApprovalRequired", expired["approved"].approval)
    previous = here.approval(asked_again)["spec"]["previous"]
    assert (previous["outcome"], previous["by"]) == ("Expired", ["alice"])
    assert not here.exists("configmaps", "approved")


def test_denied_outlives_the_time(here: Place, expired: Requests) -> None:
    assert again(here, "denied").reason == "ApprovalDenied"
    assert here.approval(expired["denied"])["spec"]["decisions"]["of-alice"]["verdict"] == "Denied"
