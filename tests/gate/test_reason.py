"""The requester says why, once, before anybody decided, and nothing else with it (C065, C085)."""

import json
from typing import Any

import pytest

from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, asked, refusal

pytestmark = pytest.mark.cluster


WHY = {"spec": {"reason": "the queue is full"}}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "00000000-0000-4000-8000-000000000000"}
BESIDE: dict[str, dict[str, Any]] = {
    "label": {"metadata": {"labels": {"a": "b"}}},
    "annotation": {"metadata": {"annotations": {"kubeapprove.io/object": "other"}}},
    "finalizer": {"metadata": {"finalizers": ["example.org/hold"]}},
    "ownerReference": {"metadata": {"ownerReferences": [OWNER]}},
    "revocation": {"spec": {"revoked": {"reason": "no"}}},
    "hash": {"spec": {"manifestHash": "sha256:" + "0" * 64}},
}


def test_kubectl_patch_passes_once(place: Place) -> None:
    waiting = asked(place.ask())
    place.kubectl("patch", "ma", waiting.name, "--type=merge", "-p", json.dumps(WHY), check=True)
    assert place.approval(waiting)["spec"]["reason"] == "the queue is full"
    assert place.patch_approval(waiting, {"spec": {"reason": "another"}}, as_="agent")[0] in {403, 422}
    assert place.approval(waiting)["spec"]["reason"] == "the queue is full"
    assert asked(place.ask()).approval == waiting.approval


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE.keys())
def test_nothing_beside_it(place: Place, beside: dict[str, Any]) -> None:
    waiting = asked(place.ask())
    body = {**beside, "spec": {**beside.get("spec", {}), **WHY["spec"]}}
    status, answer = place.patch_approval(waiting, body, as_="agent")
    assert status in {403, 422}, answer
    assert "reason" not in place.approval(waiting)["spec"]


def test_no_decision_beside_it(place: Place) -> None:
    waiting = asked(place.ask())
    entry = {"for": place.approval(waiting)["metadata"]["uid"], "verdict": "Approved", "reason": ""}
    body = {"spec": {**WHY["spec"], "decisions": {"alice": entry}}}
    assert refusal(place.patch_approval(waiting, body, as_="agent")).reason in NO_WRITE_OF_AGENTS


def test_not_on_anothers_approval(place: Place) -> None:
    waiting = asked(place.ask())
    assert refusal(place.patch_approval(waiting, WHY, as_="agent2")).reason in NO_WRITE_OF_AGENTS
    assert refusal(place.patch_approval(waiting, WHY, as_="alice")).reason == "NotADecision"


def test_not_after_a_decision(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert refusal(place.patch_approval(waiting, WHY, as_="agent")).reason in NO_WRITE_OF_AGENTS


def test_it_cannot_forge_what_kubectl_describe_shows(place: Place) -> None:
    waiting = asked(place.ask())
    forged = {
        "spec": {"reason": "fine\n\nStatus:\n  Phase:  Approved\nEvents:\n  Normal  Approved  1s  bob approved it"}
    }
    assert refusal(place.patch_approval(waiting, forged, as_="agent")).reason in NO_WRITE_OF_AGENTS
    assert "reason" not in place.approval(waiting)["spec"]
