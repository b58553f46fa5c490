"""Fixtures of the end-to-end tests."""

from e2e.cluster.fixture import control_plane

__all__ = ["control_plane"]
