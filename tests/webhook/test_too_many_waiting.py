"""More open requests of one identity than `maxPending` are refused without being asked for; nobody else is.

How long a request waits is said by its own annotation, `pending-until`: it depends on the policies of its day.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from e2e.gated.policies import group, policy
from kubeapprove.identity import identity_key, read_user_info
from kubeapprove.resources import PENDING_UNTIL_ANNOTATION, format_time
from kubeapprove_webhook.waiting import REQUESTER_LABEL, Waiting, requester_label
from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import Fault
from tests.webhook.world import World

OTHER = reviews.AGENT | {"username": "agent:bot2", "uid": "u-bot2"}
ROLE = {"canonicalArn": ["arn:aws:iam::111122223333:role/agent"]}


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    """A webhook that lets two requests of one agent wait."""
    return worlds(maxPending=2)


def create(name: str, **fields: Any) -> reviews.Object:
    """Return the CREATE of a ConfigMap of this name."""
    new = reviews.configmap(name=name)
    return reviews.request("CREATE", name=name, object=new, **fields)


def ask(world: World, *names: str) -> list[str]:
    """Ask for ConfigMaps of these names; returns the reasons."""
    return [world.judge(create(name)).reason for name in names]


def test_one_more_is_not_asked_for(world: World) -> None:
    assert ask(world, "a", "b") == ["ApprovalRequired"] * 2
    reply = world.judge(create("c"))
    assert (reply.allowed, reply.reason) == (False, "TooManyPending")
    assert len(world.server.approvals) == 2
    assert "2 other requests of this agent wait for people, and 2 is the most" in reply.message
    assert "`kubectl approve list -A`" in reply.message
    assert "approval" not in reply.response["auditAnnotations"]
    details = reply.response["status"]["details"]
    assert details["retryAfterSeconds"] == 30
    assert [cause["reason"] for cause in details["causes"]] == ["ManifestHash"]


def test_what_waits_already_is_answered_as_ever(world: World) -> None:
    ask(world, "a", "b", "c")
    assert ask(world, "a", "b") == ["ApprovalPending"] * 2


def test_what_is_approved_goes_through(world: World) -> None:
    world.approved(create("a"))
    ask(world, "b")
    assert ask(world, "c") == ["TooManyPending"]
    assert world.judge(create("a")).allowed


def test_nobody_else_is_refused(world: World) -> None:
    ask(world, "a", "b", "c")
    assert world.judge(create("c", userInfo=OTHER)).reason == "ApprovalRequired"


def test_two_sessions_of_a_role_are_one(world: World) -> None:
    sessions = [reviews.AGENT | {"username": f"role:session-{number}", "uid": "", "extra": ROLE} for number in range(3)]
    reasons = [world.judge(create("a" * n, userInfo=user)).reason for n, user in enumerate(sessions, 1)]
    assert reasons == ["ApprovalRequired", "ApprovalRequired", "TooManyPending"]


def test_a_burst_is_bounded(world: World) -> None:
    replies = world.judge_all(create(f"n{number}") for number in range(40))
    assert len(world.server.approvals) == 2
    assert [reply.reason for reply in replies].count("TooManyPending") == 38


def test_one_change_counts_once_however_often_it_is_tried(world: World) -> None:
    world.judge_all(create("a") for _ in range(20))
    assert ask(world, "b") == ["ApprovalRequired"]


def test_what_another_replica_asked_for_counts_from_the_next_list_on(world: World) -> None:
    ask(world, "a", "b")
    replica = Waiting(world.api)
    agent = requester_label(identity_key(read_user_info(reviews.AGENT)))
    assert replica.others(agent, "") == 0
    world.loop.run(replica.count())
    assert replica.others(agent, "") == 2
    assert replica.others(agent, "/".join(next(iter(world.server.approvals)))) == 1


def finish(world: World, act: Callable[[reviews.Object], reviews.Object | None]) -> None:
    """Do something to the approval of `a`, and have it listed."""
    ask(world, "a", "b", "c")
    world.count_waiting()
    assert ask(world, "c") == ["TooManyPending"]
    (key,) = [key for key in world.server.approvals if "-a-" in key[1]]
    changed = act(world.server.approvals.pop(key))
    if changed is not None:
        world.server.put(changed)
    world.count_waiting()


def until(approval: reviews.Object, text: str) -> reviews.Object:
    """Return an approval whose annotation says this of how long it waits."""
    metadata = approval["metadata"]
    annotations = metadata["annotations"] | {PENDING_UNTIL_ANNOTATION: text}
    return approval | {"metadata": metadata | {"annotations": annotations}}


FINISHED: dict[str, Callable[[reviews.Object], reviews.Object | None]] = {
    "deleted": lambda _: None,
    "being deleted": lambda it: it | {"metadata": it["metadata"] | {"deletionTimestamp": "2026-01-31T09:00:00Z"}},
    "expired": lambda it: until(it, format_time(datetime.now(UTC) - timedelta(seconds=1))),
    **{
        phase: lambda it, phase=phase: it | {"status": {"phase": phase}}  # type: ignore[misc]
        for phase in ("Denied", "Expired", "Consumed", "Revoked", "Invalid")
    },
}


@pytest.mark.parametrize("end", FINISHED)
def test_what_is_finished_makes_room(world: World, end: str) -> None:
    finish(world, FINISHED[end])
    assert ask(world, "c") == ["ApprovalRequired"]


def test_the_policys_own_time_is_what_counts(world: World) -> None:
    """One hour here and not the usual day: the annotation carries it into the list."""
    terms = {"pendingFor": "1h"}
    world.under(policy("short", [group("agents")], [{"name": "all", "action": "RequireApproval", "approval": terms}]))
    ask(world, "a")
    approval = world.server.only()
    waits = approval["metadata"]["annotations"][PENDING_UNTIL_ANNOTATION]
    assert waits == approval["spec"]["pendingUntil"]
    left = datetime.fromisoformat(waits) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_what_is_approved_and_not_used_still_waits(world: World) -> None:
    finish(world, lambda it: it | {"status": {"phase": "Approved"}})
    assert ask(world, "c") == ["TooManyPending"]


def test_used_makes_room(world: World) -> None:
    world.approved(create("a"))
    ask(world, "b")
    assert world.judge(create("a")).allowed
    world.count_waiting()
    assert ask(world, "c") == ["ApprovalRequired"]


def test_pages_are_read_to_the_end(worlds: Callable[..., World]) -> None:
    world = worlds(maxPending=1200)
    ask(world, "a")
    approval = world.server.only()
    for number in range(1199):
        world.server.put(approval | {"metadata": approval["metadata"] | {"name": f"x-{number}", "uid": ""}})
    world.count_waiting()
    assert world.server.count("list approvals") == 12
    assert ask(world, "b") == ["TooManyPending"]


def test_a_dry_run_says_so_and_names_no_approval(world: World) -> None:
    ask(world, "a", "b")
    reply = world.judge(create("c", dryRun=True))
    assert (reply.allowed, reply.reason) == (True, "DryRun")
    first, then = reply.response["warnings"]
    assert "would refuse it: TooManyPending" in first
    assert "wait until some are decided" in then


ODD: dict[str, Any] = {
    "no table": {},
    "no phase": {"columnDefinitions": [{"name": "Name"}], "rows": [{"object": {"metadata": {}}, "cells": ["x"]}]},
    "columns of another type": {"columnDefinitions": "Phase", "rows": []},
    "a row without metadata": {
        "columnDefinitions": [{"name": "Phase"}],
        "rows": [{"object": {}, "cells": ["Pending"]}],
    },
    "too few cells": {
        "columnDefinitions": [{"name": "Name"}, {"name": "Phase"}],
        "rows": [{"object": {"metadata": {}}, "cells": ["x"]}],
    },
}
FAILURES: dict[str, Fault] = {
    "500": apiserver.fails(500),
    "forbidden": apiserver.fails(403, "Forbidden"),
    "cut": apiserver.cuts_before(),
    **{name: apiserver.says(body) for name, body in ODD.items()},
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_an_unknown_count_refuses_nobody_and_forgets_nothing(world: World, scenario: str) -> None:
    """Asking allows nothing: what the bound protects is attention. What was known stays known for a while."""
    world.server.on("list approvals", *[FAILURES[scenario]] * (2 if scenario == "cut" else 1))
    world.count_waiting()
    assert ask(world, "a", "b") == ["ApprovalRequired"] * 2
    world.count_waiting()
    world.server.on("list approvals", *[FAILURES[scenario]] * (2 if scenario == "cut" else 1))
    world.count_waiting()
    assert ask(world, "c") == ["TooManyPending"]


UNCOUNTED: dict[str, reviews.Object] = {
    "no label": {"labels": {}},
    "labels of another type": {"labels": "x"},
    "a label of another type": {"labels": {REQUESTER_LABEL: 7}},
    "no annotations": {"annotations": {}},
    "annotations of another type": {"annotations": "x"},
    "no time": {"annotations": {PENDING_UNTIL_ANNOTATION: "x"}},
    "a time of another type": {"annotations": {PENDING_UNTIL_ANNOTATION: 7}},
    "a time without offset": {"annotations": {PENDING_UNTIL_ANNOTATION: "2036-01-01T00:00:00"}},
}


@pytest.mark.parametrize("scenario", UNCOUNTED)
def test_what_is_not_understood_is_not_counted(world: World, scenario: str) -> None:
    ask(world, "a", "b")
    for stored in world.server.approvals.values():
        stored["metadata"] |= UNCOUNTED[scenario]
    world.count_waiting()
    assert ask(world, "c") == ["ApprovalRequired"]


def test_a_request_whose_answer_was_lost_is_counted(world: World) -> None:
    world.server.on("create approval", apiserver.cuts_after(), apiserver.cuts_after())
    assert ask(world, "a", "b") == ["Unavailable"] * 2
    assert ask(world, "c") == ["TooManyPending"]
