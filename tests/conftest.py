"""The real control plane of e2e/, for every test that claims something about Kubernetes."""

import signal

from e2e.cluster.fixture import control_plane
from tests.judge.summary import pytest_terminal_summary

__all__ = ["control_plane", "pytest_terminal_summary"]


def pytest_configure() -> None:
    """Undo what a background shell or nohup left: the programs that tests interrupt would inherit an ignored signal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
