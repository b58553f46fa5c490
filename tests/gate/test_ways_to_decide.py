"""`kubectl edit`, `apply`, server-side apply and patch all add one decision, and doing it again changes nothing (C083)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gate.asking import Done, Place, Refusal, asked, decision, refusal

pytestmark = pytest.mark.cluster


EDITOR = """
import sys, yaml
with open(sys.argv[1]) as file:
    approval = yaml.safe_load(file)
uid = approval["metadata"]["uid"]
decisions = approval["spec"].setdefault("decisions", {})
decisions["alice"] = {"for": uid, "verdict": "Approved", "reason": "read it"}
with open(sys.argv[1], "w") as file:
    yaml.safe_dump(approval, file)
"""


def manifest(place: Place, waiting: Refusal) -> str:
    return json.dumps(
        {
            "apiVersion": "kubeapprove.io/v1alpha1",
            "kind": "ManifestApproval",
            "metadata": {"name": waiting.name},
            "spec": {"decisions": {"alice": decision(place.approval(waiting)["metadata"]["uid"])}},
        }
    )


def test_edit(place: Place, tmp_path: Path) -> None:
    waiting = asked(place.ask())
    editor = tmp_path / "editor.py"
    editor.write_text(EDITOR)
    done = subprocess.run(
        [place.cp.kubectl_binary, "-n", place.namespace, "edit", "ma", waiting.name],
        env=place.cp.environment("alice") | {"KUBE_EDITOR": f"{sys.executable} {editor}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done
    assert place.approval(waiting)["spec"]["decisions"]["alice"]["by"]["username"] == "alice"
    assert place.ask()[0] == 201


def patch(place: Place, waiting: Refusal, body: str) -> Done:
    return place.kubectl("patch", "ma", waiting.name, "--type=merge", "-p", body, as_="alice")


def apply(place: Place, _: Refusal, body: str) -> Done:
    return place.kubectl("apply", "-f", "-", input=body, as_="alice")


def apply_server_side(place: Place, _: Refusal, body: str) -> Done:
    return place.kubectl("apply", "--server-side", "-f", "-", input=body, as_="alice")


WAYS = {"merge patch": patch, "apply": apply, "server-side apply": apply_server_side}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_again_after_another_persons_decision(place: Place, way: Callable[[Place, Refusal, str], Done]) -> None:
    waiting = asked(place.ask())
    body = manifest(place, waiting)
    assert way(place, waiting, body).returncode == 0
    assert place.decide(waiting, as_="bob")[0] == 200
    before = place.approval(waiting)
    for _ in range(2):
        done = way(place, waiting, body)
        assert done.returncode == 0, done
    after = place.approval(waiting)
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert place.ask()[0] == 201


def test_flux_takes_over_the_managers_of_kubectl(place: Place) -> None:
    """As kustomize-controller does: it renames managers that begin with kubectl to its own, then applies what it has."""
    robot = place.robot()
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.decide(waiting, as_="bob")[0] == 200
    before = place.approval(waiting)
    entries: list[dict[str, Any]] = before["metadata"]["managedFields"]
    renamed = [
        {**entry, "manager": "kustomize-controller", "operation": "Apply"}
        if entry["manager"].startswith("kubectl")
        else entry
        for entry in entries
    ]
    assert renamed != entries
    take_over = [
        {"op": "replace", "path": "/metadata/managedFields", "value": renamed},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": before["metadata"]["resourceVersion"]},
    ]
    assert place.patch_approval(waiting, take_over, as_=robot)[0] == 200
    mine = json.loads(manifest(place, waiting))["spec"]["decisions"]
    # What Flux has no longer in Git it would remove: refused. What it has changes nothing, the stamp included.
    for decisions, expected in (({}, 422), (mine, 200)):
        status, answer = place.patch_approval(
            waiting,
            {
                "apiVersion": "kubeapprove.io/v1alpha1",
                "kind": "ManifestApproval",
                "metadata": {"name": waiting.name, "namespace": place.namespace},
                "spec": {"decisions": decisions},
            },
            as_=robot,
            headers={"Content-Type": "application/apply-patch+yaml"},
            query="?fieldManager=kustomize-controller&force=true",
        )
        assert status == expected, answer
    assert place.approval(waiting)["spec"] == before["spec"]


def test_a_removed_decision_in_a_manifest_is_refused(place: Place) -> None:
    waiting = asked(place.ask())
    body = json.loads(manifest(place, waiting))
    assert apply_server_side(place, waiting, json.dumps(body)).returncode == 0
    body["spec"]["decisions"] = {}
    assert apply_server_side(place, waiting, json.dumps(body)).returncode == 1
    assert "alice" in place.approval(waiting)["spec"]["decisions"]
    assert refusal(place.decide(waiting, as_="carol")).reason == "NotADecider"
