"""A ServiceAccount never decides, revokes or creates, whatever RBAC grants it (C062)."""

import pytest

from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


BODIES = {
    "approve": {"spec": {"decisions": {"robot": {"for": "UID", "verdict": "Approved", "reason": ""}}}},
    "deny": {"spec": {"decisions": {"robot": {"for": "UID", "verdict": "Denied", "reason": ""}}}},
    "break glass": {
        "spec": {"decisions": {"robot": {"for": "UID", "verdict": "Approved", "reason": "", "breakGlass": True}}}
    },
    "revoke": {"spec": {"revoked": {"reason": ""}}},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_refused(place: Place, body: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
    robot = place.robot()
    waiting = asked(place.ask())
    for entry in body["spec"].get("decisions", {}).values():
        entry["for"] = place.approval(waiting)["metadata"]["uid"]
    refused = refusal(place.patch_approval(waiting, body, as_=robot))
    assert refused.reason == "NotADecider"
    assert "controllers and ServiceAccounts never decide" in refused.message
    assert asked(place.ask()).reason == "ApprovalPending"
