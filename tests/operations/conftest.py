"""An installation of a test's own: what is lost and restored here is everybody's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from e2e.gated.policies import DEFAULT_POLICY, group, policy, rule
from tests.gate.asking import Place
from tests.operations.runbook import Installed

STRICT = policy(
    "strict",
    [group("strict-agents", owner="alice")],
    [
        rule("scratch", "Allow", operations=["CREATE"], apiGroups=[""], resources=["configmaps"], names=["free"]),
        rule("two", approval={"count": 2, "approvers": [{"kind": "Group", "name": "approvers"}]}),
    ],
)
POLICIES = (DEFAULT_POLICY, STRICT)


@contextmanager
def installed(folder: Path, *policies: Mapping[str, Any]) -> Iterator[Installed]:
    """Everything of ours on a new control plane, with these policies."""
    with (
        ControlPlane(binaries=locate(build=False)) as control_plane,
        Gated(control_plane, operator=True, policies=policies, lives=("48h", "24h")) as gated,
    ):
        yield Installed(gated, folder)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installed]:
    """With two policies."""
    with installed(tmp_path, *POLICIES) as one:
        yield one


@pytest.fixture
def place(installation: Installed) -> Place:
    return new_place(installation)


def new_place(installation: Installed) -> Place:
    """Return a new, empty namespace."""
    name = f"operations-{uuid4().hex[:8]}"
    status, answer = installation.gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert status == 201, answer
    return Place(installation.gated, name)
