"""The real control plane of e2e/, for every test that claims something about Kubernetes."""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from e2e.cluster.fixture import control_plane
from tests.faults import summary
from tests.judge.summary import pytest_terminal_summary
from tests.scheduling import FewControlPlanes

__all__ = ["control_plane", "pytest_terminal_summary"]

_HERE = Path(__file__).parent
# Coverage doubles what Python costs. What these folders reach of ours, others reach as well.
_UNMEASURED = tuple(_HERE / folder for folder in ("cluster_fixture", "gate"))
_COVERAGE = "COVERAGE_PROCESS_CONFIG"


def pytest_configure(config: pytest.Config) -> None:
    """Undo what a background shell or nohup left: the programs that tests interrupt would inherit an ignored signal.

    And have the faults' table printed: pytest-xdist's controller loads no conftest below this one.
    """
    summary.register(config)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Kubernetes' programs, kubectl above all, live too briefly to need their memory back: a quarter of kubectl's time.
    os.environ.setdefault("GOGC", "400")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take no coverage where it tells nothing; pytest-cov's `no_cover` says so for any other test."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in _UNMEASURED):
            item.add_marker("no_cover")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Say which worker takes which file, where files stay whole."""
    return FewControlPlanes(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Have the processes of a test that is not measured go without coverage too: it is half of what they cost."""
    with pytest.MonkeyPatch.context() as patch:
        if item.get_closest_marker("no_cover"):
            patch.delenv(_COVERAGE, raising=False)
        return (yield)
