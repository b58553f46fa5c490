"""An agent whose time is over is refused with that reason, before any rule, and not let through."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from e2e.gated.policies import group, policy
from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, rule
from tests.webhook.world import World


def until(hours: int) -> Object:
    """Return a policy that lets agents do everything, until then."""
    moment = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return policy("for-an-hour", [group("agents", until=moment)], [rule("pass", "Allow")])


TRIES: dict[str, Object] = {
    "a change": reviews.request(),
    "what changes nothing": reviews.request(object=reviews.configmap()),
    "a dry run": reviews.request(dryRun=True),
}


@pytest.mark.parametrize("scenario", TRIES)
def test_refused_with_the_reason(worlds: Callable[..., World], scenario: str) -> None:
    ended = until(-1)
    world = worlds(policies=[ended])
    reply = world.judge(TRIES[scenario])
    assert (reply.allowed, reply.reason) == (False, "NoLongerEligible")
    moment = ended["spec"]["agents"][0]["until"]
    assert reply.message == f"policy for-an-hour let the caller ask until {moment}; ask a person to renew it"
    assert world.server.calls == []


def test_another_policy_does_not_prolong_it(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[ALLOWS, until(-1)]).judge(reviews.request()).reason == "NoLongerEligible"


def test_before_its_end_it_asks(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[until(1)]).judge(reviews.request()).reason == "AllowedByPolicy"


def test_what_was_approved_in_time_goes_through_no_more(world: World) -> None:
    world.approved(reviews.request())
    world.under(until(-1))
    assert world.judge(reviews.request()).reason == "NoLongerEligible"
    assert world.server.count("claim") == 0
