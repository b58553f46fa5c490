"""A dry run is allowed, warned about, and writes nothing."""

from collections.abc import Callable

import pytest

from tests.webhook import reviews
from tests.webhook.world import World


def _nothing(_: World) -> None:
    pass


def _pending(world: World) -> None:
    world.judge(reviews.request())


def _approved(world: World) -> None:
    world.approved(reviews.request())


def _denied(world: World) -> None:
    world.judge(reviews.request())
    world.approve("bob", "Denied")


STATES: dict[str, tuple[Callable[[World], None], str, str]] = {
    "nothing asked": (_nothing, "would refuse it: ApprovalRequired", "to ask for approval"),
    "pending": (_pending, "would refuse it: ApprovalPending", "kubectl approve wait -n shop "),
    "approved": (_approved, "would let it through", "run the same command without --dry-run"),
    "denied": (_denied, "would refuse it: ApprovalDenied", "kubectl approve review -n shop "),
}


@pytest.mark.parametrize("scenario", STATES)
def test_warns_and_writes_nothing(world: World, scenario: str) -> None:
    prepare, would, then = STATES[scenario]
    prepare(world)
    before = list(world.server.calls)
    reply = world.judge(reviews.request(dryRun=True))
    assert (reply.allowed, reply.reason) == (True, "DryRun")
    verdict, command = reply.response["warnings"]
    assert would in verdict
    assert reply.response["auditAnnotations"]["hash"] in verdict
    assert then in command
    assert all(len(warning) < 256 and warning.isprintable() for warning in (verdict, command))
    new = world.server.calls[len(before) :]
    assert set(new) <= {"get cached approval", "get approval", "access review"}


def test_warnings_stay_short_with_the_longest_names(world: World) -> None:
    namespace = "n" * 63
    request = reviews.request(namespace=namespace, name="a" * 253)
    world.server.namespaces.add(namespace)
    world.judge(request)
    reply = world.judge(request | {"dryRun": True})
    assert [len(warning) < 256 for warning in reply.response["warnings"]] == [True, True]


def test_approval_is_still_good_after_a_dry_run(world: World) -> None:
    world.approved(reviews.request())
    assert world.judge(reviews.request(dryRun=True)).allowed
    assert world.judge(reviews.request()).reason == "Approved"


def test_never_list_comes_before_dry_run(world: World) -> None:
    accounts = {"group": "", "version": "v1", "resource": "serviceaccounts"}
    request = reviews.request("CREATE", resource=accounts, subResource="token", dryRun=True)
    assert not world.judge(request).allowed
