"""A gated cluster with its operator. Each pytest process has one of its own: elsewhere nobody keeps phases true."""

from collections.abc import Iterator

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from tests.gate.asking import Place
from tests.operator.seen import a_place


@pytest.fixture(scope="session")
def gated() -> Iterator[Gated]:
    """Everything of ours, and the operator among it."""
    try:
        with ControlPlane(binaries=locate(build=False)) as control_plane, Gated(control_plane, operator=True) as all_:
            yield all_
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def operator(gated: Gated) -> Operator:
    """Return the operator, running: a test that ended it is not another's business."""
    assert gated.operator is not None
    if not gated.operator.is_running:
        gated.operator.start()
    return gated.operator


@pytest.fixture
def place(gated: Gated, operator: Operator) -> Place:
    """Return an empty namespace of this test's own, with the operator at work."""
    assert operator.is_running
    return a_place(gated)
