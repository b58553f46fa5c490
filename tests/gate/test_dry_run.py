"""A dry run is allowed, says what would happen, writes nothing and spends nothing (C036, C037)."""

import re

import pytest

from tests.gate.asking import Place, asked
from tests.gate.samples import KINDS, config_map, to_json

pytestmark = pytest.mark.cluster


MANIFEST = to_json({"apiVersion": "v1", "kind": "ConfigMap", **config_map("web")})
COMMANDS = {
    "create": ("create", "--dry-run=server", "-f", "-"),
    "apply": ("apply", "--dry-run=server", "-f", "-"),
    "apply --server-side": ("apply", "--server-side", "--dry-run=server", "-f", "-"),
    "diff": ("diff", "-f", "-"),
    "diff --server-side": ("diff", "--server-side", "-f", "-"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_unapproved(place: Place, command: tuple[str, ...]) -> None:
    done = place.kubectl(*command, input=MANIFEST)
    assert done.returncode == (1 if command[0] == "diff" else 0), done
    assert re.search(
        r"Warning: dry run: without --dry-run kubeapprove would refuse it: ApprovalRequired "
        r"\(sha256:[0-9a-f]{64}\)\nWarning: next: run the same command without --dry-run to ask for approval\n",
        done.stderr,
    ), done.stderr
    assert place.items("manifestapprovals") == []
    assert not place.exists("configmaps", "web")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_approved(place: Place, command: tuple[str, ...]) -> None:
    waiting = asked(place.create("configmaps", config_map("web")))
    pending = place.kubectl(*command, input=MANIFEST).stderr
    assert f"kubectl approve wait -n {place.namespace} {waiting.name}" in pending
    place.approve(waiting)
    before = place.approval(waiting)
    done = place.kubectl(*command, input=MANIFEST)
    assert "kubeapprove would let it through" in done.stderr, done
    assert waiting.hash in done.stderr
    assert place.approval(waiting) == before
    assert place.create("configmaps", config_map("web"))[0] == 201
    assert place.approval(waiting)["status"]["phase"] == "Consumed"


def test_dry_runs_of_update_delete_and_scale(place: Place) -> None:
    place.given("deployments", KINDS["Deployment"].sample)
    for command in (("scale", "deploy/web", "--replicas=3"), ("delete", "deploy/web"), ("label", "deploy/web", "a=b")):
        done = place.kubectl(*command, "--dry-run=server")
        assert "kubeapprove would refuse it: ApprovalRequired" in done.stderr, done
    assert place.items("manifestapprovals") == []


def test_no_change_needs_no_warning(place: Place) -> None:
    place.kubectl("apply", "--server-side", "-f", "-", input=MANIFEST, as_="admin", check=True)
    done = place.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", input=MANIFEST)
    assert (done.returncode, "kubeapprove" in done.stderr) == (0, False)
