"""A policy that stays as it is is not compiled again every two seconds; one that differs in anything is read anew."""

from collections.abc import Callable

import pytest

from kubeapprove.ruling import Policies
from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, DENIES, rule, under
from tests.webhook.world import World

WITH_CONDITION = under("conditional", rule("small", "Allow", when="request.operation == 'UPDATE'"))


def known(world: World) -> Policies:
    """Return what the store knows."""
    policies = world.policies.current()
    assert policies is not None
    return policies


def test_unchanged_is_the_very_same(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[ALLOWS, WITH_CONDITION])
    before = known(world)
    world.list_policies()
    assert known(world) is not before
    assert [one is other for one, other in zip(known(world).all, before.all, strict=True)] == [True, True]


def test_one_that_changed_is_read_and_the_others_are_not(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[ALLOWS, WITH_CONDITION])
    conditional, lax = known(world).all
    world.server.put_policy(ALLOWS | {"spec": DENIES["spec"]})
    world.list_policies()
    assert known(world).all[0] is conditional
    assert known(world).all[1] is not lax
    assert world.judge(reviews.request()).reason == "PolicyDenied"


def _same_version(stored: Object) -> None:
    """A cluster restored from a backup counts versions from there, and comes to the same number once more."""
    stored["spec"] = DENIES["spec"]


def _number_for_truth(stored: Object) -> None:
    """In Python 1 == True; a policy that says `count: true` is invalid, and denies."""
    stored["spec"] = under("lax", rule("all", "RequireApproval", approval={"count": True}))["spec"]


@pytest.mark.parametrize("change", [_same_version, _number_for_truth])
def test_resource_version_alone_proves_nothing(world: World, change: Callable[[Object], None]) -> None:
    world.under(under("lax", rule("all", "RequireApproval", approval={"count": 1})))
    assert world.judge(reviews.request(dryRun=True)).allowed
    change(world.server.policies["lax"])
    world.list_policies()
    assert world.judge(reviews.request()).reason == "PolicyDenied"


def test_two_without_metadata_are_told_apart(world: World) -> None:
    world.server.policies.clear()
    for name, policy in (("a", ALLOWS), ("b", DENIES)):
        world.server.policies[name] = policy | {"metadata": {"name": "same"}}
    world.list_policies()
    world.list_policies()
    assert world.judge(reviews.request()).reason == "PolicyDenied"
