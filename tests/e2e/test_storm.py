"""Everything breaks once under load: no wrong allow, nobody else notices, each false refusal is explained."""

import uuid
from collections.abc import Callable

import pytest

from e2e.node.cluster import RealCluster
from e2e.release.installation import Installation
from e2e.storm.ground import Ground
from e2e.storm.place import Names
from e2e.storm.plans import SHORT
from e2e.storm.report import line, problems
from e2e.storm.run import Storm

pytestmark = [pytest.mark.node, pytest.mark.own_nodes, pytest.mark.storm, pytest.mark.timeout(600)]


def test_everything_breaks_once(real_cluster: RealCluster, installed: Installation, say: Callable[[str], None]) -> None:
    ground = Ground(real_cluster, installed, Names(uuid.uuid4().hex[:6]), lambda _: None)
    phases = Storm(ground, SHORT).run(lambda phase: say(line(phase)))
    assert problems(phases) == []
    assert [phase.fault for phase in phases] == list(SHORT.faults)
    assert all(phase.tries and phase.peoples for phase in phases)
