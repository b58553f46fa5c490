"""Every command of docs/policies.md comes out as the page says: what the ready-made rules let pass, real kubectl sends."""

import subprocess
from collections.abc import Iterator

import pytest

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from tests.docs.policy_reference import PAGE
from tests.docs.test_walkthrough import BLOCK, COMMAND, ROOT

COMMANDS = [match for block in BLOCK.findall(PAGE.read_text()) for match in COMMAND.finditer(block)]


@pytest.fixture
def gated() -> Iterator[Gated]:
    with ControlPlane() as control_plane, Gated(control_plane, operator=True) as running:
        yield running


@pytest.mark.stories
@pytest.mark.cluster
def test_the_page_comes_out_as_written(gated: Gated) -> None:
    assert {command["code"] for command in COMMANDS} == {None, "1"}
    for command in COMMANDS:
        done = subprocess.run(  # noqa: S602 (the page's own commands, typed as a reader types them)
            command["line"],
            shell=True,
            env=gated.control_plane.environment(command["who"]),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == int(command["code"] or 0), f"{command[0]}\n{done.stdout}\n{done.stderr}"
        if command["code"] and command["who"] == "agent":
            assert "approval required" in done.stderr
