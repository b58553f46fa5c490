"""The real control plane of e2e/, for every test that claims something about Kubernetes."""

from e2e.cluster.fixture import control_plane

__all__ = ["control_plane"]
