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


def test_kubectl_v8(place: Place) -> None:
    done = place.kubectl("-v=8", "create", "-f", "-", input=MANIFEST)
    _, _, rest = done.stderr.partition("server response object: [")
    _, _, rest = done.stderr.partition("server response object: ")
    body = json.JSONDecoder().raw_decode(rest)[0]
    assert (body["kind"], body["reason"]) == ("Status", "ApprovalRequired")
    causes = {cause["reason"]: cause["message"] for cause in body["details"]["causes"]}
    assert set(causes) == {"Approval", "ManifestHash", "Expires", "Next"}
    assert causes["Approval"] == f"{place.namespace}/{body['details']['name']}"


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
