"""What a refused agent sees: kubectl's text, its -v8 body, and the Status as JSON."""

import json
import re

import pytest

from tests.gate.asking import Place, asked
from tests.gate.samples import config_map, to_json

pytestmark = pytest.mark.cluster


MANIFEST = to_json({"apiVersion": "v1", "kind": "ConfigMap", **config_map("web")})


def test_status(place: Place) -> None:
    status, body = place.ask()
    waiting = asked((status, body))
    assert (body["code"], body["reason"], body["status"]) == (403, "ApprovalRequired", "Failure")
    details = body["details"]
    assert (details["group"], details["kind"], details["name"]) == ("kubeapprove.io", "manifestapprovals", waiting.name)
    assert [cause["reason"] for cause in details["causes"]] == ["Approval", "ManifestHash", "Expires", "Next"]
    causes = {cause["reason"]: cause["message"] for cause in details["causes"]}
    approval = place.approval(waiting)
    assert causes == {
        "Approval": f"{place.namespace}/{approval['metadata']['name']}",
        "ManifestHash": approval["spec"]["manifestHash"],
        "Expires": approval["spec"]["pendingUntil"],
        "Next": f"kubectl approve wait -n {place.namespace} {waiting.name}",
    }
    assert details["retryAfterSeconds"] == 30


def test_while_it_waits(place: Place) -> None:
    first = place.ask()[1]
    again = place.ask()[1]
    assert again["reason"] == "ApprovalPending"
    assert again["details"] == first["details"]


def test_kubectl(place: Place) -> None:
    done = place.kubectl("apply", "-f", "-", input=MANIFEST)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert re.fullmatch(
        r'Error from server \(ApprovalRequired\): error when creating "STDIN": admission webhook '
        r'"changes.kubeapprove.io" denied the request: approval required: create configmaps "web" in namespace '
        rf'"{place.namespace}" waits for a person\'s approval as {place.namespace}/create-configmaps-web-[a-z2-7]{{20}} '
        r"\(sha256:[0-9a-f]{64}\) until \S+Z\. Do not change or retry it meanwhile\. "
        rf"Next: `kubectl approve wait -n {place.namespace} create-configmaps-web-[a-z2-7]{{20}}`, then run exactly the "
        r"same command again\.\n",
        done.stderr,
    ), done.stderr


def test_kubectl_v8_shows_the_message_and_v9_the_causes(place: Place) -> None:
    done = place.kubectl("-v=8", "create", "-f", "-", input=MANIFEST)
    bodies = [line for line in done.stderr.splitlines() if '"Response Body"' in line and "ApprovalRequired" in line]
    assert len(bodies) == 1
    assert "then run exactly the same command again." in bodies[0]
    done = place.kubectl("-v=9", "create", "-f", "-", input=MANIFEST)
    texts = re.findall(r'"Response Body" body=("(?:[^"\\]|\\.)*")', done.stderr)
    refusals = [json.loads(json.loads(text)) for text in texts if "ApprovalPending" in text]
    assert [body["kind"] for body in refusals] == ["Status"]
    assert {cause["reason"] for cause in refusals[0]["details"]["causes"]} == {
        "Approval",
        "ManifestHash",
        "Expires",
        "Next",
    }


def test_generators(place: Place) -> None:
    done = place.kubectl("create", "configmap", "web", "--from-literal=color=red")
    assert done.returncode == 1
    assert done.stderr.startswith("error: failed to create configmap: ")
    assert "kubectl approve wait" in done.stderr


def test_several_objects_are_several_refusals(place: Place) -> None:
    items = [{"apiVersion": "v1", "kind": "ConfigMap", **config_map(name)} for name in ("a", "b", "c")]
    done = place.kubectl("apply", "-f", "-", input=to_json({"apiVersion": "v1", "kind": "List", "items": items}))
    assert done.stderr.count("approval required") == 3
    assert len(place.items("manifestapprovals")) == 3
