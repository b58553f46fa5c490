"""The chart in the shared cluster of real nodes, installed once for most tests, and the agent that it gates."""

import uuid
from collections.abc import Iterator

import pytest

from e2e import image
from e2e.node.cluster import RealCluster
from e2e.node.fixture import real_cluster
from e2e.release.installation import IMAGE, Agent, Installation

__all__ = ["real_cluster"]


@pytest.fixture(scope="session")
def agent(real_cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """Run the agent's Pod, of our own image, which every node then has."""
    real_cluster.import_image(image.make(tmp_path_factory.mktemp("image"), IMAGE))
    agent = Agent(real_cluster)
    agent.start()
    return agent


@pytest.fixture(scope="session")
def release(agent: Agent) -> Iterator[Installation]:
    """The chart, taken away in the end: the cluster is other tests' as well."""
    release = Installation(agent.cluster)
    yield release
    release.ensure()
    release.uninstall()


@pytest.fixture
def installed(release: Installation) -> Installation:
    """The chart, installed."""
    release.ensure()
    return release


@pytest.fixture
def namespace(real_cluster: RealCluster) -> Iterator[str]:
    """An empty namespace of the test's own."""
    name = f"shop-{uuid.uuid4().hex[:8]}"
    kubectl = real_cluster.control_plane.kubectl
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
