"""What somebody sees who is not the API server (C092, C094): nothing, and no exception."""

from typing import Any

import pytest

from tests.webhook import reviews
from tests.webhook.world import SECRET_PATH, World, call

PATHS: dict[str, str] = {
    "root": "/",
    "without the secret": "/changes",
    "another secret": f"/{SECRET_PATH[:-1]}x/changes",
    "half the secret": f"/{SECRET_PATH[:10]}/changes",
    "the secret alone": f"/{SECRET_PATH}",
    "an unknown webhook": f"/{SECRET_PATH}/other",
    "a slash too many": f"/{SECRET_PATH}/changes/",
    "docs": "/docs",
    "openapi": "/openapi.json",
    "health": "/livez",
    "metrics": "/metrics",
}


def ask(world: World, path: str, **options: Any) -> tuple[int, bytes]:
    """Send an agent's review to a path."""
    options.setdefault("chunks", (reviews.body(reviews.request()),))
    reply = world.loop.run(call(world.app, path, **options))
    return reply.status, reply.body


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
@pytest.mark.parametrize("scenario", PATHS)
def test_other_paths_say_nothing(world: World, scenario: str, method: str) -> None:
    assert ask(world, PATHS[scenario], method=method) == (404, b'{"detail":"Not Found"}')
    assert world.server.calls == []
    assert world.records == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(world: World, method: str) -> None:
    assert ask(world, f"/{SECRET_PATH}/changes", method=method)[0] == 405
    assert world.server.calls == []


@pytest.mark.parametrize("kind", ["", "text/plain", "application/yaml", "application/json-patch+json", "json"])
def test_other_content_types(world: World, kind: str) -> None:
    status, body = ask(world, f"/{SECRET_PATH}/changes", headers={"content-type": kind} if kind else {})
    assert (status, body) == (415, b"send an AdmissionReview as application/json\n")
    assert world.records == []


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_content_types(world: World, kind: str) -> None:
    assert ask(world, f"/{SECRET_PATH}/changes", headers={"content-type": kind})[0] == 200
