"""The commands that agents use every day: one hash at every try, and the command passes once approved."""

import json
import subprocess
from pathlib import Path

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Done, Place, asked_by_kubectl
from tests.gate.retrying import approvals, refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, config_map, to_json

pytestmark = pytest.mark.cluster


COMMANDS = {
    "set image": "set image deploy/web main=registry.invalid/web:2",
    "set env": "set env deploy/web MODE=fast",
    "set env of a password": "set env deploy/web DB_PASSWORD=abc",
    "set resources": "set resources deploy/web --limits=cpu=1",
    "set serviceaccount": "set serviceaccount deploy/web default",
    "label": "label deploy/web tier=front",
    "label another": "label deploy/web app=other --overwrite",
    "annotate": "annotate deploy/web note=hello",
    "rollout restart": "rollout restart deploy/web",
    "rollout pause": "rollout pause deploy/web",
    "expose": "expose deploy/web --port=80",
    "expose as NodePort": "expose deploy/web --port=80 --type=NodePort",
    "create job": "create job one --image=registry.invalid/one:1",
    "create namespace": "create namespace NS-new",
    "create serviceaccount": "create serviceaccount builder",
    "create role": "create role reader --verb=get --resource=pods",
    "create secret": "create secret generic s --from-literal=password=abc",
    "run": "run one --image=registry.invalid/one:1",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_passes_once_approved(place: Place, command: str) -> None:
    place.given("deployments", KINDS["Deployment"].sample)

    def attempt() -> Done:
        return place.kubectl(*command.replace("NS", place.namespace).split())

    refused_until_approved(place, attempt, writes_elsewhere(place, "deployments"))


def test_a_second_restart_is_asked_again(place: Place) -> None:
    place.given("deployments", KINDS["Deployment"].sample)

    def attempt() -> Done:
        return place.kubectl("rollout", "restart", "deploy/web")

    first = refused_until_approved(place, attempt)
    answers: list[Done] = []

    def is_answered() -> bool:
        answers.append(attempt())
        return "within the past second" not in answers[-1].stderr

    wait_until(is_answered, "kubectl would restart again")
    second = asked_by_kubectl(answers[-1])
    assert second.reason == "ApprovalRequired"
    assert second.hash != first.hash


def test_edit(place: Place, tmp_path: Path) -> None:
    place.given("configmaps", config_map())
    editor = tmp_path / "editor.sh"
    editor.write_text('sed -i s/red/blue/ "$1"\n')

    def attempt() -> Done:
        return subprocess.run(
            [place.cp.kubectl_binary, "-n", place.namespace, "edit", "configmap", "web"],
            env=place.cp.environment("agent") | {"KUBE_EDITOR": f"sh {editor}", "TMPDIR": str(tmp_path)},
            check=False,
            capture_output=True,
            text=True,
        )

    refused_until_approved(place, attempt, writes_elsewhere(place, "configmaps"))
    assert place.get("configmaps", "web")["data"] == {"color": "blue"}


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret", "Service", "Deployment", "custom resource"])
def test_server_side_apply_over_client_side_apply_comes_to_an_end(place: Place, kind: str) -> None:
    """Defaults move with ownership: a second change may show only after the first has passed."""
    sample = KINDS[kind]
    place.kubectl("apply", "-f", "-", input=to_json(sample.sample), as_="admin", check=True)
    manifest = to_json(sample.change(sample.sample))

    def attempt() -> Done:
        return place.kubectl("apply", "--server-side", "-f", "-", input=manifest)

    for _ in range(3):
        if (done := attempt()).returncode == 0:
            break
        place.approve(asked_by_kubectl(done))
    assert attempt().returncode == 0
    asked_for = approvals(place)
    assert attempt().returncode == 0
    assert approvals(place) == asked_for
    assert sample.value_in(place.get(sample.plural, "web")) == sample.value


def test_every_way_of_creating_is_one_change(place: Place) -> None:
    manifest = to_json(KINDS["Deployment"].sample)
    tries = [
        asked_by_kubectl(place.kubectl(*command, "-f", "-", input=manifest))
        for command in (("create",), ("apply",), ("apply", "--server-side"), ("create", "--save-config"))
    ]
    tries.append(asked_by_kubectl(place.kubectl("create", "-f", "-", input=json.dumps(json.loads(manifest), indent=2))))
    assert len({one.hash for one in tries}) == 1
