"""Every kind of identity works beside the others, and after what happens to a control plane."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster import eks
from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.processes import Mark, stop_marked
from tests.cluster_fixture.whoami import whoami

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
SESSION = eks.session_arn("lasting", "session-1")
# as_ -> a group that only this way of logging in gives
EVERY = {
    "lasting-certificate": "lasting",
    "system:serviceaccount:default:lasting": "system:serviceaccounts:default",
    "oidc:lasting": "oidc:lasting",
    SESSION: "eks-lasting",
}
# Nobody has asked with these tokens when the owner ends: the API server has yet to ask the provider about them.
OWNER = """\
import dataclasses, json, sys
from pathlib import Path
from e2e.cluster.control_plane import ControlPlane
cp = ControlPlane(state=Path(sys.argv[1]), detached=True).start()
try:
    paths = [cp.oidc_identity("left"), cp.eks_identity("left", "behind")]
    print(json.dumps([{name: dataclasses.asdict(mark) for name, mark in cp.marks.items()}, list(map(str, paths))]))
except BaseException:
    cp.stop()
    raise
cp.leave_running()
"""


def test_all_work_together_and_after_a_restart_of_the_api_server(control_plane: ControlPlane) -> None:
    control_plane.identity("lasting-certificate", ["lasting"])
    control_plane.service_account("default", "lasting")
    control_plane.oidc_identity("lasting", groups=("lasting",))
    control_plane.eks_identity("lasting", "session-1", groups=("eks-lasting",))
    for moment in ("before", "after"):
        found = {as_: whoami(control_plane, as_)["groups"] for as_ in EVERY}
        assert {as_: group in found[as_] for as_, group in EVERY.items()} == dict.fromkeys(EVERY, True), moment
        if moment == "before":
            control_plane.restart_apiserver()


def test_tokens_outlive_the_owner_of_a_detached_control_plane(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "state")]
    owner = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert owner.returncode == 0, owner.stderr
    marks, configs = json.loads(owner.stdout)
    try:
        said = [
            subprocess.run(
                [locate(build=False).kubectl, f"--kubeconfig={config}", "auth", "whoami"],
                check=False,
                capture_output=True,
                text=True,
            ).stdout
            for config in configs
        ]
    finally:
        stop_marked({name: Mark(**mark) for name, mark in marks.items()}, 1)
    assert "oidc:left" in said[0]
    assert eks.session_arn("left", "behind") in said[1]
