"""Real nodes for every test here, and a namespace of its own for each."""

import uuid
from collections.abc import Iterator

import pytest

from e2e.node.cluster import RealCluster
from e2e.node.fixture import real_cluster

__all__ = ["namespace", "real_cluster"]


@pytest.fixture
def namespace(real_cluster: RealCluster) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl = real_cluster.control_plane.kubectl
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
