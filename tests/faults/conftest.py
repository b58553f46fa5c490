"""A control plane whose every connection can fail, a scene for each test, and the table of what was refused falsely."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.faults.world import FaultyWorld
from tests.faults import summary
from tests.faults.scene import Scene
from tests.faults.summary import TRIED, WRONG
from tests.gate import samples


def pytest_configure(config: pytest.Config) -> None:
    """Print the table at the end."""
    summary.register(config)


@pytest.fixture(scope="session")
def world() -> Iterator[FaultyWorld]:
    """One for each pytest process, on a control plane that no other folder uses."""
    try:
        with ControlPlane(binaries=locate(build=False)) as control_plane:
            control_plane.kubectl("create", "-f", "-", input=samples.to_json(samples.WIDGETS))
            control_plane.kubectl("wait", "--for=condition=Established", "crd/widgets.example.org", "--timeout=20s")
            with FaultyWorld(control_plane) as world:
                yield world
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def scene(world: FaultyWorld, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Yield an empty namespace of this test's own; afterwards every fault has struck, and every invariant holds."""
    # The fault before may have left it without a list of policies: that is not this one's refusal.
    world.wait_ready()
    scene = Scene.make(world, f"faults-{uuid4().hex[:8]}")
    yield scene
    unmet = world.front.forget() + world.back.forget()
    wrong = scene.judge()
    for tried in scene.tries:
        request.node.user_properties.append((TRIED, (tried.fault, tried.outcome)))
    request.node.user_properties.append((WRONG, len(wrong)))
    assert wrong == []
    assert unmet == []
