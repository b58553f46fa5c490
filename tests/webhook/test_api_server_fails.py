"""Any failure of our own calls is a refusal with the request's uid (C090)."""

from typing import Any

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import Fault
from tests.webhook.world import World

ODD: dict[str, Any] = {
    "Status with details of another type": {"kind": "Status", "reason": {"a": 1}, "details": ["x"]},
    "Status with causes of another type": {"kind": "Status", "reason": "x y", "details": {"causes": ["x", 1]}},
    "null": None,
    "text": "no",
}
FAULTS: dict[str, Fault] = {
    "500": apiserver.fails(500),
    "503": apiserver.fails(503, "ServiceUnavailable"),
    "429": apiserver.fails(429, "TooManyRequests"),
    "401": apiserver.fails(401, "Unauthorized"),
    "403": apiserver.fails(403, "Forbidden"),
    "404 of a proxy": apiserver.says(b"404 page not found\n", 404),
    "404 about something else": apiserver.fails(404, "NotFound", name="else"),
    "redirect": apiserver.says({}, 302),
    "cut": apiserver.cuts_before(),
    "HTML with 200": apiserver.says(b"<html>"),
    "array": apiserver.says([]),
} | {f"403 {name}": apiserver.says(body, 403) for name, body in ODD.items()}
TWICE = 2  # the client repeats a GET once where a kept connection was closed
CALLS = ("get cached approval", "get approval", "create approval")


@pytest.mark.parametrize("scenario", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_while_asking(world: World, call: str, scenario: str) -> None:
    world.server.on(call, *[FAULTS[scenario]] * TWICE)
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert reply.response["status"]["details"]["retryAfterSeconds"] == 30
    assert world.server.approvals == {}
    assert "run the same command again" in reply.message


@pytest.mark.parametrize("scenario", FAULTS)
@pytest.mark.parametrize("call", ["get cached approval", "access review"])
def test_while_using(world: World, call: str, scenario: str) -> None:
    world.approved(reviews.request())
    world.server.on(call, *[FAULTS[scenario]] * TWICE)
    reply = world.judge(reviews.request())
    assert not reply.allowed
    assert world.server.count("claim") == 0


@pytest.mark.parametrize("call", [*CALLS, "access review"])
def test_no_answer_in_time(world: World, call: str) -> None:
    if call == "access review":
        world.approved(reviews.request())
    world.server.on(call, apiserver.hangs())
    reply = world.judge(reviews.request(), query="timeout=1s")
    assert (reply.allowed, reply.reason) == (False, "Unavailable")


def test_answer_about_another_object(world: World) -> None:
    approval = world.approved(reviews.request())
    for metadata in ({"name": "else"}, {"namespace": "else"}):
        other = approval | {"metadata": approval["metadata"] | metadata}
        world.server.on("get cached approval", apiserver.says(other))
        assert world.judge(reviews.request()).reason == "Unavailable"
    world.server.on("get cached approval", apiserver.says({"metadata": "x"}))
    assert world.judge(reviews.request()).reason == "Unavailable"
    assert world.server.count("claim") == 0


@pytest.mark.parametrize("version", ["", None])
def test_approval_without_resource_version_is_not_claimed(world: World, version: str | None) -> None:
    approval = world.approved(reviews.request())
    bare = approval | {"metadata": approval["metadata"] | {"resourceVersion": version}}
    world.server.on("get cached approval", apiserver.says(bare))
    assert world.judge(reviews.request()).reason == "Unavailable"
    assert world.server.count("claim") == 0


def test_unreachable_api_server(world: World) -> None:
    world.loop.run(world.server.stop())
    assert world.judge(reviews.request()).reason == "Unavailable"
    reply = world.probe("/readyz")
    assert reply.status == 503
    assert b"not ready: ping: no answer from the API server" in reply.body
    assert world.probe("/livez").status == 200


def test_closed_client(world: World) -> None:
    world.loop.run(world.api.close())
    world.api._session = None  # noqa: SLF001 (as before `open`)
    assert world.judge(reviews.request()).reason == "Unavailable"


def test_large_approval_is_read(world: World) -> None:
    texts = {f"key-{number}": "x" * 60_000 for number in range(5)}
    request = reviews.request(object=reviews.configmap(texts))
    world.approved(request)
    assert world.judge(request).allowed
