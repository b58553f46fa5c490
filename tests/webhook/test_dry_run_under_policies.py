"""A dry run passes with what policies would have said of it, and writes nothing."""

from collections.abc import Callable

import pytest

from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, DENIES, asks, rule, under
from tests.webhook.world import World

OBSERVES = under("watch", mode="Observe")
LARGE = reviews.configmap({"color": "x" * 140_000})
SAID: dict[str, tuple[Object, Object, str]] = {
    "allowed": (ALLOWS, {}, "let it through: allowed by policy lax, rule pass"),
    "denied": (DENIES, {}, "refuse it: PolicyDenied: denied by policy strict, rule stop: freeze until Monday"),
    "observed": (OBSERVES, {}, "let it through: once the policy enforces, it needs 1 approval by anyone"),
    "asked": (asks("some", "sre"), {}, "refuse it: ApprovalRequired"),
    "larger than anybody is shown": (asks("some"), {"object": LARGE}, "refuse it: TooLarge: the text at /fields/"),
    "a condition that fails": (
        under("odd", rule("x", "Allow", when="object.spec.a")),
        {},
        "refuse it: PolicyDenied: policy odd cannot judge this change",
    ),
}


@pytest.mark.parametrize("scenario", SAID)
def test_says_what_would_happen(worlds: Callable[..., World], scenario: str) -> None:
    policy, fields, would = SAID[scenario]
    world = worlds(policies=[policy])
    reply = world.judge(reviews.request(dryRun=True, **fields))
    assert (reply.allowed, reply.reason) == (True, "DryRun")
    first = reply.response["warnings"][0]
    assert first.startswith(f"dry run: without --dry-run kubeapprove would {would}")
    assert reply.response["auditAnnotations"]["hash"] in first
    assert set(world.server.calls) <= {"get cached approval", "get approval"}
    assert world.server.approvals == {}


def test_spends_nothing_where_the_requirement_is_met(world: World) -> None:
    world.under(asks("some", "approvers"))
    world.approved(reviews.request())
    world.server.forget()
    (warning, _) = world.judge(reviews.request(dryRun=True)).response["warnings"]
    assert "would let it through" in warning
    assert set(world.server.calls) == {"get cached approval", "access review"}


def test_shows_no_requirement_anew(world: World) -> None:
    world.judge(reviews.request())
    world.under(asks("two", count=2))
    world.server.forget()
    assert world.judge(reviews.request(dryRun=True)).allowed
    assert set(world.server.calls) == {"get cached approval", "get approval"}
    assert [entry["policy"] for entry in world.server.only()["status"]["requirements"]] == ["agents"]
