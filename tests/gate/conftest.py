"""The gate on a real API server. Each pytest process has one, of its own: other folders act as people without a gate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster import eks
from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.faults.proxy import Proxy
from e2e.gated.gated import Gated
from e2e.gated.webhook import DEFAULT_SETTINGS
from tests.gate import samples
from tests.gate.asking import NAMED_ROLE, POLICY_WRITER, Place
from tests.gate.policies import POLICIES
from tests.gate.recording import judged_place, recorder
from tests.judge.recorded import Report
from tests.judge.summary import RECORDED

# One agent asks for more here than people could ever read.
SETTINGS = {
    **DEFAULT_SETTINGS,
    "maxPending": 10_000,
    "namedSessionRoles": [eks.role_arn(NAMED_ROLE)],
    "policyWriters": [POLICY_WRITER],
}
RIGHTS = Path(__file__).parent / "rights.yaml"


@pytest.fixture(scope="session")
def gated() -> Iterator[Gated]:
    """Everything of ours on a control plane that no other folder uses, and two kinds of custom resources."""
    try:
        with (
            ControlPlane(binaries=locate(build=False)) as control_plane,
            Gated(control_plane, settings=SETTINGS, policies=POLICIES) as everything,
        ):
            control_plane.kubectl("apply", "-f", str(RIGHTS))
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

    def tell(report: Report) -> None:
        request.node.user_properties.append((RECORDED, [report.reviews, sorted(report.kinds)]))

    with judged_place(gated, recording, tell) as place:
        yield place


@pytest.fixture(scope="module")
def shared_place(gated: Gated, recording: Proxy) -> Iterator[Place]:
    """Yield an empty namespace for a whole file; judged as well, and not counted: its tests' own places may count it."""
    with judged_place(gated, recording, lambda _: None) as place:
        yield place
