"""After its `until` an agent is refused with that reason, whatever it asks and whatever was approved; never let through."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from e2e.gated.policies import group, policy
from e2e.waiting import wait_until
from tests.gate.asking import Answer, Place, asked, refusal
from tests.gate.policies import BOXED
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
ENDED, AGENTS = "ended-agents", "boxed-agents"

WAYS: dict[str, Callable[[Place, str], Answer]] = {
    "create": lambda place, agent: place.create("configmaps", config_map("new"), agent),
    "dry run": lambda place, agent: place.create("configmaps", config_map("new"), agent, "?dryRun=All"),
    "update": lambda place, agent: place.patch("configmaps", "web", {"data": {"color": "blue"}}, agent),
    "no change": lambda place, agent: place.patch("configmaps", "web", {"data": {"color": "red"}}, agent),
    "delete": lambda place, agent: place.delete("configmaps", "web", agent),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_refused_whatever_it_asks(place: Place, way: Callable[[Place, str], Answer]) -> None:
    place.given("configmaps", config_map())
    refused = refusal(way(place, place.agent(ENDED)))
    assert refused.reason == "NoLongerEligible"
    assert "policy ended let the caller ask until 2020-01-01T00:00:00Z; ask a person to renew it" in refused.message
    assert place.items("manifestapprovals") == []
    assert place.get("configmaps", "web")["data"] == {"color": "red"}


def test_it_is_no_person_again_that_decides(place: Place) -> None:
    waiting = asked(place.ask())
    refused = refusal(place.decide(waiting, as_=place.agent(ENDED), key="me"))
    assert refused.reason in {"NeverAllowed", "NotADecider", "NoLongerEligible"}


def test_approved_in_time_and_used_too_late(place: Place) -> None:
    agent = place.agent(AGENTS)
    place.approve(asked(place.ask(as_=agent)))
    until = datetime.now(UTC) + timedelta(seconds=1)
    place.gated.write(policy("boxed", [group(AGENTS, until=until.isoformat())]))
    try:
        place.gated.wait_until_known()
        wait_until(lambda: datetime.now(UTC) > until, "the agent's time was over")
        assert refusal(place.ask(as_=agent)).reason == "NoLongerEligible"
        assert not place.exists("configmaps", "web")
    finally:
        place.gated.write(BOXED)
    # Renewed: what was approved is approved still.
    place.gated.wait_until_known()
    assert place.ask(as_=agent)[0] == 201
