"""An exception that nobody thought of: a refusal with the uid, and a log line without any value."""

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.world import World

VALUE = "planted-4712-value"


def test_refused_with_uid_and_logged_without_values(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    # The claim's model takes no uid of over 256 characters; the API server sends 36.
    request = reviews.request(uid="u" * 300, object=reviews.configmap({"color": VALUE}))
    world.approved(request)
    reply = world.judge(request)
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert "the gate failed on this request; its log says where" in reply.message
    logged = "".join(capfd.readouterr())
    assert "defect" in logged
    assert "ValidationError" in logged
    assert "birth" in logged or "verdict.py" in logged
    assert VALUE not in logged


def test_stored_approval_without_a_uid(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.judge(reviews.request())
    approval = world.server.only()
    odd = {"metadata": {key: approval["metadata"][key] for key in ("name", "namespace")}, "spec": {"x": VALUE}}
    world.server.on("get cached approval", apiserver.says(odd))
    world.server.on("get approval", apiserver.says(odd))
    assert world.judge(reviews.request()).reason == "Unavailable"
    assert VALUE not in "".join(capfd.readouterr())
