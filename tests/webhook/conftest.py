"""One certificate for the folder, one event loop for a file, one webhook with its API server for each test."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.pki import Authority, Pair
from e2e.gated.policies import DEFAULT_POLICY
from tests.webhook.process import Files, Served
from tests.webhook.world import Loop, World


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    """The event loop that everything in process runs in.

    For one file: a test that is not measured ends coverage in every thread that runs, and it begins anew in new ones.
    """
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The CA of both sides."""
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def pair(authority: Authority) -> Pair:
    """A serving certificate for loopback."""
    return authority.server("loopback", ("127.0.0.1",))


@pytest.fixture(scope="session")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ServiceAccount's token."""
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_text("t0ken\n")
    return path


@pytest.fixture
def worlds(loop: Loop, authority: Authority, pair: Pair, token_file: Path) -> Iterator[Callable[..., World]]:
    """Open webhooks with settings of one's own, under the plainest policy unless told."""
    opened: list[World] = []

    def open_(policies: Sequence[dict[str, Any]] | None = (DEFAULT_POLICY,), **settings: Any) -> World:
        opened.append(World.open(loop, pair, authority.pair.certificate, token_file, settings, policies))
        return opened[-1]

    yield open_
    for world in opened:
        world.close()


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    """The webhook with the plainest settings."""
    return worlds()


@pytest.fixture
def files(tmp_path: Path, authority: Authority, pair: Pair, token_file: Path) -> Files:
    """What a process needs to start."""
    return Files(tmp_path, pair, authority.pair.certificate, token_file)


@pytest.fixture
def served(world: World, files: Files) -> Iterator[Served]:
    """A running process before the API server of `world`."""
    process = Served(files, world.server)
    yield process
    process.stop()
