"""The API server's own audit log tells approval, hash, verdict and reason of each answer (C099)."""

from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


def facts(place: Place, hook: str, reason: str) -> dict[str, str]:
    """Return what the audit log says, in one event, of the answer with this reason."""
    prefix = f"{hook}.kubeapprove.io/"
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = [
            annotations
            for event in place.gated.audit_events(place.namespace)
            if (annotations := event.get("annotations", {})).get(prefix + "reason") == reason
        ]
        return bool(found)

    wait_until(is_there, f"the audit log told of {reason}")
    return {key.removeprefix(prefix): value for key, value in found[0].items() if key.startswith(prefix)}


def test_ask_pending_and_allow(place: Place) -> None:
    waiting = asked(place.ask())
    place.ask()
    place.approve(waiting)
    assert place.ask()[0] == 201
    same = {"approval": waiting.approval, "hash": waiting.hash}
    assert facts(place, "changes", "ApprovalRequired") == {**same, "verdict": "ask", "reason": "ApprovalRequired"}
    assert facts(place, "changes", "ApprovalPending")["hash"] == waiting.hash
    assert facts(place, "changes", "Approved") == {**same, "verdict": "allow", "reason": "Approved"}
    assert facts(place, "approvals", "Decided") == {
        "approval": waiting.approval,
        "verdict": "allow",
        "reason": "Decided",
    }


def test_deny(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    refusal(place.ask())
    assert facts(place, "changes", "ApprovalDenied") == {
        "approval": waiting.approval,
        "hash": waiting.hash,
        "verdict": "deny",
        "reason": "ApprovalDenied",
    }
    refusal(place.decide(waiting, as_="carol"))
    assert facts(place, "approvals", "NotADecision")["verdict"] == "deny"


def test_never_and_no_change(place: Place) -> None:
    place.cp.raw("POST", place.path("serviceaccounts", "default", "token"), {"spec": {}}, as_="agent")
    assert facts(place, "changes", "NeverAllowed") == {"verdict": "deny", "reason": "NeverAllowed"}
    place.given("configmaps", {"metadata": {"name": "web"}, "data": {"a": "b"}})
    assert place.patch("configmaps", "web", {"data": {"a": "b"}})[0] == 200
    assert facts(place, "changes", "NoChange")["verdict"] == "allow"
