"""Our own token comes from a file that others rotate."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority, Pair
from e2e.gated.policies import DEFAULT_POLICY
from tests.webhook import apiserver
from tests.webhook.world import Loop, World


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A token file of this test."""
    path = tmp_path / "token"
    path.write_text("one\n")
    return path


@pytest.fixture
def world(loop: Loop, authority: Authority, pair: Pair, file: Path) -> Iterator[World]:
    """A webhook that reads that file."""
    world = World.open(loop, pair, authority.pair.certificate, file, {}, [DEFAULT_POLICY])
    yield world
    world.close()


def test_sent_as_bearer_and_read_once(world: World, file: Path) -> None:
    world.probe("/readyz")
    file.write_text("two")
    world.probe("/readyz")
    assert world.server.tokens == ["Bearer one", "Bearer one"]


def test_read_again_after_401(world: World, file: Path) -> None:
    world.server.on("ping", apiserver.passes(), apiserver.fails(401, "Unauthorized"))
    assert world.probe("/readyz").status == 200
    file.write_text("two")
    assert [world.probe("/readyz").status for _ in range(2)] == [503, 200]
    assert world.server.tokens == ["Bearer one", "Bearer one", "Bearer two"]


BROKEN: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_text("\n"),
    "two lines": lambda path: path.write_text("one\nInjected: header"),
    "not ASCII": lambda path: path.write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("scenario", BROKEN)
def test_broken_file_is_a_refusal_that_names_it(world: World, file: Path, scenario: str) -> None:
    BROKEN[scenario](file)
    world.server.on("ping", apiserver.fails(401, "Unauthorized"))  # else the one that was read goes on being used
    assert world.probe("/readyz").status == 503
    reply = world.probe("/readyz")
    assert reply.status == 503
    assert f"{file} holds no token".encode() in reply.body
