"""The installation's secrets: made once, the same for every replica, refused where they are not what we made."""

import asyncio
import base64
from typing import Any

import pytest

from kubeapprove_server.errors import ApiError, KubeapproveServerError, StartupError
from kubeapprove_server.secret_path import PATH_SECRET
from kubeapprove_webhook.keys import KEY_SECRET, Keys, load_keys
from tests.webhook import apiserver
from tests.webhook.world import World

KEY = ("kubeapprove-system", KEY_SECRET)
URL = ("kubeapprove-system", PATH_SECRET)


def load(world: World) -> Keys:
    """Load the keys as a starting webhook does."""
    return world.loop.run(load_keys(world.api, KEY[0]))


def encoded(text: bytes) -> str:
    """Return base64 text."""
    return base64.b64encode(text).decode()


GOOD = {KEY: {"data": {"hmac": encoded(b"h" * 32)}}, URL: {"data": {"path": encoded(b"p" * 48)}}}
MALFORMED: dict[str, tuple[tuple[str, str], Any]] = {
    "no data": (KEY, None),
    "data of another type": (KEY, ["x"]),
    "no hmac": (KEY, {}),
    "no path": (URL, {}),
    "short hmac": (KEY, {"hmac": encoded(b"h" * 31)}),
    "short path": (URL, {"path": encoded(b"p" * 31)}),
    "path with a slash": (URL, {"path": encoded(b"p" * 40 + b"/..")}),
    "path that is not ASCII": (URL, {"path": encoded(("é" * 40).encode())}),
    "not base64": (KEY, {"hmac": "!" * 64}),
    "a number": (KEY, {"hmac": 5}),
    "base64 with something else in between": (KEY, {"hmac": encoded(b"h" * 32) + "\n!"}),
}


def test_made_where_there_are_none(world: World) -> None:
    keys = load(world)
    assert (len(keys.hmac), len(keys.path)) == (32, 48)
    assert load(world) == keys
    assert world.server.count("create secret") == 2


def test_every_installation_has_its_own(world: World) -> None:
    one = load(world)
    world.server.secrets.clear()
    other = load(world)
    assert one.hmac != other.hmac
    assert one.path != other.path


def test_two_at_once_agree(world: World) -> None:
    async def both() -> list[Keys]:
        return list(await asyncio.gather(*(load_keys(world.api, KEY[0]) for _ in range(8))))

    assert len(set(world.loop.run(both()))) == 1
    assert world.server.count("create secret") > 2


@pytest.mark.parametrize("scenario", MALFORMED)
def test_malformed_is_refused_with_the_remedy(world: World, scenario: str) -> None:
    place, data = MALFORMED[scenario]
    world.server.secrets.update(GOOD)
    world.server.secrets[place] = {"kind": "Secret", "data": data}
    with pytest.raises(StartupError, match=f"Secret {'/'.join(place)} must hold .* delete it"):
        load(world)


def test_gone_between_conflict_and_reading(world: World) -> None:
    world.server.on("create secret", apiserver.fails(409, "AlreadyExists"))
    with pytest.raises(StartupError, match="must hold hmac"):
        load(world)


@pytest.mark.parametrize("call", ["get secret", "create secret"])
def test_no_right_is_said(world: World, call: str) -> None:
    world.server.on(call, apiserver.fails(403, "Forbidden"))
    with pytest.raises(ApiError, match=f"{call}: the API server answered 403 Forbidden"):
        load(world)


def test_cluster_uid(world: World) -> None:
    assert world.loop.run(world.api.cluster_uid(within=5)) == apiserver.CLUSTER


@pytest.mark.parametrize("body", [{}, {"metadata": {}}, {"metadata": "x"}, {"metadata": {"uid": ""}}], ids=str)
def test_namespace_without_uid_starts_nothing(world: World, body: Any) -> None:
    world.server.on("get cluster", apiserver.says(body))
    with pytest.raises(KubeapproveServerError, match="kube-system has no uid"):
        world.loop.run(world.api.cluster_uid(within=5))
