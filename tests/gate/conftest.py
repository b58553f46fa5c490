"""The gate on a real API server. Each pytest process has one, of its own: other folders act as people without a gate."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.faults.proxy import Proxy
from e2e.gated.gated import Gated
from e2e.gated.webhook import DEFAULT_SETTINGS
from e2e.waiting import wait_until
from tests.gate import samples
from tests.gate.asking import Place
from tests.gate.recording import judged, recorder
from tests.judge.summary import RECORDED

# One agent asks for more here than people could ever read.
SETTINGS = {**DEFAULT_SETTINGS, "maxPending": 10_000}


@pytest.fixture(scope="session")
def gated() -> Iterator[Gated]:
    """Everything of ours on a control plane that no other folder uses, and two kinds of custom resources."""
    try:
        with (
            ControlPlane(binaries=locate(build=False)) as control_plane,
            Gated(control_plane, settings=SETTINGS) as everything,
        ):
            for crd in samples.DEFINITIONS:
                control_plane.kubectl("create", "-f", "-", input=samples.to_json(crd))
                name = f"crd/{crd['metadata']['name']}"
                control_plane.kubectl("wait", "--for=condition=Established", name, "--timeout=20s")
            yield everything
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def recording(gated: Gated) -> Iterator[Proxy]:
    """Every review of the session."""
    with recorder(gated) as proxy:
        yield proxy


@pytest.fixture
def place(gated: Gated, recording: Proxy, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Yield an empty namespace of this test's own; what the gate was asked meanwhile is judged afterwards."""
    since = len(recording.seen)
    name = f"gate-{uuid4().hex[:8]}"
    status, answer = gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert status == 201, answer
    place = Place(gated, name)
    wait_until(lambda: place.exists("serviceaccounts", "default"), "the namespace had its default ServiceAccount")
    yield place
    report = judged(recording, since)
    request.node.user_properties.append((RECORDED, [report.reviews, sorted(report.kinds)]))
    assert report.differences == []
