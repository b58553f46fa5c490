"""Ready means: approvals can be read, now."""

import pytest

from tests.webhook import apiserver
from tests.webhook.apiserver import Fault
from tests.webhook.world import World

NOT_READY: dict[str, Fault] = {
    "500": apiserver.fails(500),
    "forbidden": apiserver.fails(403, "Forbidden"),
    "no CustomResourceDefinition": apiserver.says(b"404 page not found\n", 404),
    "cut": apiserver.cuts_before(),
}


def test_ready(world: World) -> None:
    reply = world.probe("/readyz")
    assert (reply.status, reply.body) == (200, b"ok\n")
    assert world.server.calls == ["ping"]


@pytest.mark.parametrize("scenario", NOT_READY)
def test_not_ready(world: World, scenario: str) -> None:
    world.server.on("ping", *[NOT_READY[scenario]] * (2 if scenario == "cut" else 1))  # a GET is repeated once
    reply = world.probe("/readyz")
    assert reply.status == 503
    assert reply.body.startswith(b"not ready: ping: ")
    assert world.probe("/readyz").status == 200


def test_alive_whatever_the_api_server_does(world: World) -> None:
    assert world.probe("/livez").body == b"ok\n"
    assert world.server.calls == []


def test_unknown_path(world: World) -> None:
    assert world.probe("/docs").status == 404
