"""The chart in a cluster with nodes, installed once for most tests, and the agent that it gates."""

import sys
import uuid
from collections.abc import Callable, Iterator

import pytest

from e2e.cluster.errors import ClusterError
from e2e.node.fixture import real_cluster
from e2e.release.choice import Chosen, choice, chosen
from e2e.release.installation import Agent, Installation

__all__ = ["real_cluster"]
NOT_FOR = {"node": (), "kind": ("own_nodes",), "current": ("own_nodes",)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave away, and count as deselected, what the chosen cluster is not for."""
    ours = [item for item in items if any(item.get_closest_marker(name) for name in NOT_FOR[choice()])]
    if ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chosen]:
    """The cluster that E2E_CLUSTER means; it cannot be had: every test fails with the reason."""
    try:
        with chosen(lambda: request.getfixturevalue("real_cluster"), tmp_path_factory.mktemp("image")) as place:
            yield place
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def agent(place: Chosen) -> Agent:
    """Run the agent's Pod, of our own image, which every node then has."""
    agent = Agent(place.cluster, place.image)
    agent.start()
    return agent


@pytest.fixture(scope="session")
def release(place: Chosen, agent: Agent) -> Iterator[Installation]:
    """The chart, taken away in the end: the cluster is other tests' as well."""
    assert agent.cluster is place.cluster
    release = Installation(place.cluster, place.image)
    yield release
    release.ensure()
    release.uninstall()


@pytest.fixture
def installed(release: Installation) -> Installation:
    """The chart, installed."""
    release.ensure()
    return release


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Show what was measured, whatever pytest keeps back."""

    def told_to_people(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")

    return told_to_people


@pytest.fixture
def namespace(place: Chosen) -> Iterator[str]:
    """An empty namespace of the test's own."""
    name = f"shop-{uuid.uuid4().hex[:8]}"
    kubectl = place.cluster.control_plane.kubectl
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
