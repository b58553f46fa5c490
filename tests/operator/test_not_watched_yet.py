"""Ready is only an operator that looks at approvals."""

from pathlib import Path

from kubeapprove_operator.queue import Queue
from kubeapprove_operator.watching import Signals, Watch
from kubeapprove_server.client import ApiConfig


def test_before_the_watch_began() -> None:
    config = ApiConfig("https://127.0.0.1:1", Path("ca.crt"), Path("token"))
    assert Watch(config, Queue(), Signals()).problem == "approvals are not watched yet"
