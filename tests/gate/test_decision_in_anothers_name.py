"""Who decided is what the API server says: the stamp overwrites it, and without the stamp the guard refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


FORGED: dict[str, Any] = {
    "by": {"username": "bob", "uid": "7", "extra": {"a": ["b"]}},
    "groups": ["approvers", "system:masters"],
    "at": "2020-01-01T00:00:00.000000Z",
}


def test_the_stamp_overwrites(place: Place) -> None:
    waiting = asked(place.ask())
    before = datetime.now(UTC) - timedelta(seconds=1)
    status, answer = place.decide(waiting, key="bob", **FORGED)
    assert status == 200, answer
    stored = place.approval(waiting)["spec"]["decisions"]["bob"]
    assert stored["by"]["username"] == "alice"
    assert "a" not in stored["by"]["extra"]
    assert stored["groups"] == ["approvers", "system:authenticated"]
    assert before <= datetime.fromisoformat(stored["at"]) <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_forged_revocation_is_overwritten(place: Place) -> None:
    waiting = asked(place.ask())
    revoked = {"reason": "no", "by": FORGED["by"], "at": FORGED["at"]}
    status, answer = place.patch_approval(waiting, {"spec": {"revoked": revoked}})
    assert status == 200, answer
    assert place.approval(waiting)["spec"]["revoked"]["by"]["username"] == "alice"


def test_without_the_stamp_the_guard_refuses(place: Place) -> None:
    waiting = asked(place.ask())
    uid = place.approval(waiting)["metadata"]["uid"]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    entry = {"for": uid, "verdict": "Approved", "reason": "read it", "at": now, "groups": ["approvers"]}
    forged = {"spec": {"decisions": {"bob": entry | {"by": {"username": "bob"}}}}}
    registration = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/kubeapprove"
    assert place.cp.raw("DELETE", registration)[0] == 200
    try:
        wait_until(
            lambda: place.patch_approval(waiting, forged, query="?dryRun=All")[0] == 403,
            "the API server forgot the stamp",
        )
        refused = refusal(place.patch_approval(waiting, forged))
        assert (refused.reason, "as the stamp writes them" in refused.message) == ("NotADecision", True)
        assert "decisions" not in place.approval(waiting)["spec"]
    finally:
        place.gated.register(place.gated.url)
        wait_until(
            lambda: place.patch_approval(waiting, forged, query="?dryRun=All")[0] == 200,
            "the API server knew the stamp again",
        )
