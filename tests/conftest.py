"""The real control plane of e2e/, for every test that claims something about Kubernetes."""

import signal

import pytest

from e2e.cluster.fixture import control_plane
from tests.faults import summary
from tests.judge.summary import pytest_terminal_summary

__all__ = ["control_plane", "pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    """Undo what a background shell or nohup left: the programs that tests interrupt would inherit an ignored signal.

    And have the faults' table printed: pytest-xdist's controller loads no conftest below this one.
    """
    summary.register(config)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
