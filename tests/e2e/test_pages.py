"""The commands of README and docs/chart.md, typed as they are written into a cluster that has no kubeapprove yet."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.gated.gated import ROOT
from e2e.node.cluster import RealCluster
from e2e.release.installation import APPROVALS, IMAGE, Installation

pytestmark = [pytest.mark.node, pytest.mark.own_nodes, pytest.mark.timeout(300)]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PERSON = "pat"


class Reader:
    """Who types what a page says, as an administrator or as somebody who decides."""

    def __init__(self, cluster: RealCluster) -> None:
        self._cluster = cluster
        cluster.control_plane.identity(PERSON, ("platform-engineers",))

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type one command, with an image that is there."""
        repository, tag = IMAGE.split(":")
        who = PERSON if command.startswith("kubectl approve") else "admin"
        environment = self._cluster.control_plane.environment(who)
        programs = f"{self._cluster.binaries.helm.parent}{os.pathsep}{environment['PATH']}"
        return subprocess.run(  # noqa: S602 (the docs' own commands)
            command.replace("REGISTRY/kubeapprove", repository).replace("image.tag=TAG", f"image.tag={tag}"),
            shell=True,
            env={**environment, "PATH": programs, "HELM_CONFIG_HOME": str(self._cluster.control_plane.state)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


@pytest.fixture
def reader(release: Installation, real_cluster: RealCluster) -> Iterator[Reader]:
    """A cluster without the chart; afterwards it is there as the other tests want it."""
    if release.is_installed():
        release.uninstall()
    yield Reader(real_cluster)
    if release.is_installed():
        release.uninstall()
    leftovers = (
        "configmap/web",
        "rolebinding/kubeapprove-approvers",
        "manifestapprovals.kubeapprove.io/create-configmaps-web",
    )
    release.kubectl("delete", "--ignore-not-found", *leftovers)


def commands(page: Path, heading: str) -> list[str]:
    """Every command between a heading and the next."""
    section = page.read_text().partition(f"{heading}\n")[2].partition("\n## ")[0]
    joined = "".join(BLOCK.findall(section)).replace("\\\n", "")
    return joined.splitlines()


def type_all(reader: Reader, *typed: str) -> None:
    """Type them in order; each comes out well."""
    for command in typed:
        done = reader.types(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def is_refused(reader: Reader, change: str) -> bool:
    """Whether the command is answered with what it needs."""
    done = reader.types(change)
    return done.returncode == 1 and "denied the request: approval required" in done.stderr


def test_three_commands_of_the_readme_and_removal_by_hand(reader: Reader, release: Installation) -> None:
    install, wait, change = commands(ROOT / "README.md", "## Install it")[:3]
    type_all(reader, install, wait)
    assert is_refused(reader, change)
    type_all(reader, *commands(ROOT / "docs" / "chart.md", "## Upgrade and removal"))
    assert not release.is_installed()
    release.kubectl("get", "namespace", APPROVALS)


def test_page_of_the_chart(reader: Reader) -> None:
    install, wait, change, bind, approve, test = commands(ROOT / "docs" / "chart.md", "# The Helm chart")
    type_all(reader, install, wait)
    assert is_refused(reader, change)
    type_all(reader, bind, approve, change, test)
