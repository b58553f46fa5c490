"""A backup of the policies, applied to a new cluster as the runbook says, gates there; the approvals in it let nothing through."""

from pathlib import Path

import pytest

from tests.gate.asking import Place, asked, refusal
from tests.gate.samples import config_map
from tests.operations.conftest import POLICIES, installed, new_place
from tests.operations.runbook import Installed

pytestmark = [pytest.mark.cluster, pytest.mark.stories]


def is_gated(place: Place) -> None:
    """Each policy asks for what it asked before."""
    place.approve(asked(place.ask()))
    assert place.ask()[0] == 201
    strict = place.agent("strict-agents")
    assert place.create("configmaps", config_map("free"), strict)[0] == 201
    waiting = asked(place.create("configmaps", config_map("costly"), strict))
    place.approve(waiting, as_="bob")
    answer = place.create("configmaps", config_map("costly"), strict)
    assert "missing" in refusal(answer).message


def test_from_one_cluster_to_another(installation: Installed, place: Place, tmp_path: Path) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    installation.type("Backup and restore")
    as_stored = place.cp.kubectl("get", "approvalpolicies", "-o", "yaml").stdout
    with installed(tmp_path) as other:
        there = new_place(other)
        assert there.ask()[0] == 201  # nobody is gated yet
        assert there.delete("configmaps", "web", as_="admin")[0] == 200
        for verb in ("create", "apply"):
            there.cp.kubectl(verb, "--dry-run=server", "-f", "-", input=as_stored)
        other.type("Policies, on a new cluster")
        restored = other.gated.control_plane.kubectl("apply", "-f", str(tmp_path / "approvals.yaml"), check=False)
        assert restored.returncode == 1
        assert there.cp.raw("GET", "/apis/kubeapprove.io/v1alpha1/manifestapprovals")[1]["items"] == []
        is_gated(there)
    # Where they came from, it changes nothing.
    again = place.cp.kubectl("apply", "--dry-run=server", "-f", str(tmp_path / "policies.yaml"))
    assert again.stdout.count("approvalpolicy.kubeapprove.io/") == len(POLICIES)
    assert place.cp.kubectl("apply", "--dry-run=server", "-f", "-", input=as_stored, check=False).returncode == 1
    assert place.ask()[0] == 201
