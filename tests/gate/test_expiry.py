"""Nobody uses an approval after its time, and a decision that comes too late counts for nothing (C070)."""

from datetime import UTC, datetime

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
Requests = dict[str, Refusal]
AGENTS = "short-agents"
"""By their policy, approvals live for seconds."""


@pytest.fixture(scope="module")
def expired(shared_place: Place) -> Requests:
    """Ask for three changes, decide on two, and wait until the time of all is over."""
    here, agent = shared_place, shared_place.agent(AGENTS)
    requests = {
        name: asked(here.create("configmaps", config_map(name), agent)) for name in ("nobody", "approved", "denied")
    }
    assert here.decide(requests["approved"])[0] == 200
    assert here.decide(requests["denied"], verdict="Denied", reason="no")[0] == 200
    last = max(datetime.fromisoformat(here.approval(one)["spec"]["pendingUntil"]) for one in requests.values())
    wait_until(lambda: datetime.now(UTC) > last, "the time of every approval was over")
    return requests


def again(place: Place, name: str) -> Refusal:
    return refusal(place.create("configmaps", config_map(name), place.agent(AGENTS)))


def test_nobody_decided_in_time(shared_place: Place, expired: Requests) -> None:
    assert refusal(shared_place.decide(expired["nobody"])).reason == "NotADecision"
    asked_again = again(shared_place, "nobody")
    assert (asked_again.reason, "expired" in asked_again.message) == ("ApprovalRequired", True)
    assert shared_place.approval(asked_again)["spec"]["previous"]["outcome"] == "Expired"


def test_not_used_in_time(shared_place: Place, expired: Requests) -> None:
    asked_again = again(shared_place, "approved")
    assert (asked_again.reason, asked_again.approval) == ("ApprovalRequired", expired["approved"].approval)
    previous = shared_place.approval(asked_again)["spec"]["previous"]
    assert (previous["outcome"], previous["by"]) == ("Expired", ["alice"])
    assert not shared_place.exists("configmaps", "approved")


def test_denied_outlives_the_time(shared_place: Place, expired: Requests) -> None:
    assert again(shared_place, "denied").reason == "ApprovalDenied"
    assert shared_place.approval(expired["denied"])["spec"]["decisions"]["of-alice"]["verdict"] == "Denied"
