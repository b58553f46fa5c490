"""Every console block of the docs is typed into a real gated cluster, in order."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?P<who>\w+)\$ (?P<line>.+<<'EOF'\n(?:.*\n)*?EOF|.+)(?:\n# exit (?P<code>\d+))?")


@pytest.fixture
def gated() -> Iterator[Gated]:
    with ControlPlane() as control_plane, Gated(control_plane, operator=True) as running:
        yield running


@pytest.mark.stories
@pytest.mark.cluster
def test_walkthrough_comes_out_as_written(gated: Gated) -> None:
    text = (ROOT / "docs" / "walkthrough.md").read_text()
    commands = [match for block in BLOCK.findall(text) for match in COMMAND.finditer(block)]
    assert len(commands) > 10
    for command in commands:
        done = subprocess.run(  # noqa: S602 (the docs' own commands, typed as a reader types them)
            command["line"],
            shell=True,
            env=gated.control_plane.environment(command["who"]),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == int(command["code"] or 0), f"{command[0]}\n{done.stdout}\n{done.stderr}"
