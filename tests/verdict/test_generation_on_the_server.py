"""What the single-use table rests on, on the real API server: an update's client neither raises nor lowers a generation."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.control_plane import ControlPlane

Namespace = tuple[ControlPlane, str]
CONFIG_MAP = {"metadata": {"name": "a", "generation": 3}, "data": {"k": "old"}}


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[Namespace]:
    """Return an empty namespace of this test's own."""
    name = f"generation-{uuid4().hex[:8]}"
    code, answer = control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert code == 201, answer
    yield control_plane, name
    control_plane.raw("DELETE", f"/api/v1/namespaces/{name}")


def write(namespace: Namespace, method: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Create or patch the ConfigMap; return the code and its generation, or the message."""
    control_plane, name = namespace
    path = f"/api/v1/namespaces/{name}/configmaps" + ("" if method == "POST" else "/a")
    code, answer = control_plane.raw(method, path, body)
    return code, answer["metadata"].get("generation") if code < 300 else answer["message"]


@pytest.mark.parametrize("sent", [4, 2, 0, None], ids=["higher", "lower", "zero", "none"])
def test_a_client_has_no_say_in_what_an_update_does_to_it(namespace: Namespace, sent: int | None) -> None:
    assert write(namespace, "POST", CONFIG_MAP) == (201, 3)
    assert write(namespace, "PATCH", {"metadata": {"generation": sent}, "data": {"k": "new"}}) == (200, 3)
