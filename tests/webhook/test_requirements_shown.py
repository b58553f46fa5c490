"""What policies ask is shown to people in the approval's status: at its birth, and where they ask something else now.

Nobody's verdict rests on it, nor waits for it: what cannot be written changes no refusal.
"""

from collections.abc import Callable

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import ApiServer, Fault
from tests.webhook.reviews import Object
from tests.webhook.rules import asks, rule, under
from tests.webhook.world import World

ONE: Object = {"policy": "agents", "rule": "", "count": 1, "missing": 1, "useWithin": "1h"}
TWO: Object = {
    "policy": "two",
    "rule": "all",
    "count": 2,
    "missing": 2,
    "approvers": [{"kind": "Group", "name": "sre"}],
    "useWithin": "30m",
}
ASKS_TWO = asks("two", "sre", count=2, useWithin="30m")
MIRROR = "mirror requirements"


def shown(world: World) -> list[Object]:
    """Return what the status says."""
    requirements: list[Object] = world.server.only()["status"]["requirements"]
    return requirements


def test_at_birth(world: World) -> None:
    world.judge(reviews.request())
    assert shown(world) == [ONE]
    assert world.server.calls[-2:] == ["create approval", MIRROR]
    assert world.server.only()["status"]["phase"] == "Pending"


def test_at_birth_of_one_that_may_be_used_for_a_short_time_only(world: World) -> None:
    """Where nothing binds a uid, five minutes whatever the policy says."""
    world.judge(reviews.request("CREATE"))
    assert shown(world) == [ONE | {"useWithin": "5m"}]


def test_of_every_policy_that_asks(world: World) -> None:
    world.under(ASKS_TWO, asks("owners", allowOwner=True), under("lax", rule("pass", "Allow")))
    world.judge(reviews.request())
    owners = {"policy": "owners", "rule": "all", "count": 1, "missing": 1, "allowOwner": True, "useWithin": "1h"}
    assert shown(world) == [owners, TWO]


def test_not_again_while_policies_ask_the_same(world: World) -> None:
    for _ in range(3):
        world.judge(reviews.request())
    world.approve("carol")
    assert world.judge(reviews.request()).reason == "RequirementUnmet"
    assert world.server.count(MIRROR) == 1


def test_how_many_are_missing_is_the_operators_to_keep(world: World) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    world.server.put(approval | {"status": approval["status"] | {"requirements": [ONE | {"missing": 0}]}})
    world.judge(reviews.request())
    assert shown(world) == [ONE | {"missing": 0}]
    assert world.server.count(MIRROR) == 1


def test_anew_where_policies_ask_something_else_by_now(world: World) -> None:
    world.judge(reviews.request())
    world.under(ASKS_TWO)
    version = world.server.only()["metadata"]["resourceVersion"]
    assert world.judge(reviews.request()).reason == "ApprovalPending"
    assert shown(world) == [TWO]
    assert world.server.sent(MIRROR)[-1]["metadata"] == {"resourceVersion": version}
    world.judge(reviews.request())
    assert world.server.count(MIRROR) == 2


def test_anew_with_what_is_missing_by_now(world: World) -> None:
    world.judge(reviews.request())
    world.approve("alice", groups=["sre"])
    world.under(ASKS_TWO)
    assert world.judge(reviews.request()).reason == "RequirementUnmet"
    assert shown(world) == [TWO | {"missing": 1}]


def test_where_the_status_says_nothing_yet(world: World) -> None:
    """The process ended between creation and mirror."""
    world.server.on(MIRROR, apiserver.fails(500))
    world.judge(reviews.request())
    assert "requirements" not in world.server.only()["status"]
    world.judge(reviews.request())
    assert shown(world) == [ONE]


def test_not_by_whoever_was_overtaken(world: World) -> None:
    """A hundred at once make one approval, and one of them says what is asked."""

    def same(server: ApiServer) -> None:
        server.put(server.sent("create approval")[-1])

    world.server.on("create approval", apiserver.first(same))
    assert world.judge(reviews.request()).reason == "ApprovalPending"
    assert world.server.count(MIRROR) == 0


def test_not_on_what_is_over(world: World) -> None:
    world.judge(reviews.request())
    world.approve("bob", "Denied")
    world.under(ASKS_TWO)
    assert world.judge(reviews.request()).reason == "ApprovalDenied"
    assert shown(world) == [ONE]


def test_not_on_the_way_to_an_allow(world: World) -> None:
    world.approved(reviews.request())
    world.under(asks("other", "approvers"))
    world.server.forget()
    assert world.judge(reviews.request()).allowed
    assert world.server.count(MIRROR) == 0
    assert shown(world) == [ONE]


def _touch(server: ApiServer) -> None:
    server.put(server.only())


FAILURES: dict[str, Fault] = {
    "500": apiserver.fails(500),
    "forbidden": apiserver.fails(403, "Forbidden"),
    "gone": apiserver.fails(404, "NotFound"),
    "cut": apiserver.cuts_before(),
    "somebody writes at the same time": apiserver.first(_touch),
    "an odd answer": apiserver.says([]),
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_refusal_goes_out_all_the_same(worlds: Callable[..., World], scenario: str) -> None:
    good, bad = worlds(), worlds()
    answers = []
    for world, fault in ((good, apiserver.passes()), (bad, FAILURES[scenario])):
        world.server.on(MIRROR, fault)
        first = world.judge(reviews.request())
        world.under(ASKS_TWO)
        world.server.on(MIRROR, fault)
        second = world.judge(reviews.request())
        expires = world.server.only()["spec"]["pendingUntil"]
        answers.append([reply.message.replace(expires[:19], "") for reply in (first, second)])
        assert [reply.reason for reply in (first, second)] == ["ApprovalRequired", "ApprovalPending"]
    assert answers[0] == answers[1]


def test_refusal_does_not_wait_for_ever(world: World) -> None:
    world.server.on(MIRROR, apiserver.hangs())
    assert world.judge(reviews.request(), query="timeout=700ms").reason == "ApprovalRequired"


def test_approval_without_a_version_is_left_alone(world: World) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    bare = approval | {"metadata": {k: v for k, v in approval["metadata"].items() if k != "resourceVersion"}}
    world.under(ASKS_TWO)
    for call in ("get cached approval", "get approval"):
        world.server.on(call, apiserver.says(bare))
    assert world.judge(reviews.request()).reason == "ApprovalPending"
    assert world.server.count(MIRROR) == 1
