"""docs/ci.md: the script applies, waits for people, and goes on; it ends where one of them says no."""

import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from e2e.gated.gated import ROOT
from e2e.waiting import wait_until
from tests.gate.asking import Place

pytestmark = pytest.mark.cluster
SCRIPT = ROOT / "docs" / "ci" / "apply-and-wait.sh"
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata: {{a: b}}\n---\n"


class Pipeline:
    """The script as a pipeline runs it, in the background."""

    def __init__(self, place: Place, folder: Path, names: tuple[str, ...], timeout: str = "1m") -> None:
        manifest = folder / "all.yaml"
        manifest.write_text("".join(OBJECT.format(name=name, namespace=place.namespace) for name in names))
        self.place = place
        self._process = subprocess.Popen(
            [SCRIPT, manifest, timeout],
            env=place.cp.environment("agent"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def decide(self, names: tuple[str, ...], verdict: str) -> None:
        """Have alice decide on each, as soon as it is asked for."""
        for name in names:
            wait_until(partial(self._asked, name), f"{name} was asked for")
            approval = self._asked(name)[0]
            entry = {"for": approval["metadata"]["uid"], "verdict": verdict, "reason": "read it"}
            path = self.place.path("manifestapprovals", approval["metadata"]["name"])
            status, answer = self.place.cp.raw("PATCH", path, {"spec": {"decisions": {"alice": entry}}}, as_="alice")
            assert status == 200, answer

    def _asked(self, name: str) -> list[dict[str, Any]]:
        return [
            item
            for item in self.place.items("manifestapprovals")
            if item["metadata"]["annotations"]["kubeapprove.io/object"] == name
        ]

    def end(self) -> tuple[int, str]:
        """Return exit code and output."""
        output, _ = self._process.communicate(timeout=60)
        return self._process.returncode, output


def test_waits_for_every_object_and_goes_on(place: Place, tmp_path: Path) -> None:
    pipeline = Pipeline(place, tmp_path, ("one", "two"))
    pipeline.decide(("two", "one"), "Approved")
    code, output = pipeline.end()
    assert code == 0, output
    assert "configmap/one created" in output
    assert "configmap/two created" in output


def test_ends_where_somebody_denies(place: Place, tmp_path: Path) -> None:
    pipeline = Pipeline(place, tmp_path, ("one", "two"))
    pipeline.decide(("one",), "Denied")
    code, output = pipeline.end()
    assert code == 1
    assert "denied" in output
    assert not place.exists("configmaps", "one")


def test_ends_at_once_where_no_person_can_help(place: Place, tmp_path: Path) -> None:
    pipeline = Pipeline(place, tmp_path, ("one", "Not A Name"))
    code, output = pipeline.end()
    assert code == 1
    assert "is invalid" in output


def test_ends_when_nobody_decides_in_time(place: Place, tmp_path: Path) -> None:
    code, output = Pipeline(place, tmp_path, ("one",), timeout="2s").end()
    assert code == 1
    assert "nobody decided" in output or "no decision" in output or "timeout" in output.lower()
