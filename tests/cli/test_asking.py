"""On a terminal `yes` asks, and only a yes to what was shown counts."""

import json
import os
import pty
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import FakeCluster, Run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdin a terminal; the number is the end that a person types at."""
    person, program = pty.openpty()
    with os.fdopen(program, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield person
    os.close(person)


def hold(cluster: FakeCluster, *names: str) -> None:
    now = clock.now()
    cluster.hold(*(approvals.approval(approvals.delete(), now, name=name) for name in names))
    stored = approvals.approval(
        approvals.delete(), now, name=names[0], decisions={"a": approvals.decision(at=clock.now())}
    )
    cluster.answer("PATCH", out=json.dumps(stored))


def answer(terminal: int, text: str, cluster: FakeCluster, *, calls: int) -> threading.Thread:
    """Type once the question is there: so many kubectl calls were made, and a moment is over."""

    def wait_and_type() -> None:
        while len(cluster.calls) < calls:
            time.sleep(0.01)
        time.sleep(0.3)
        os.write(terminal, text.encode())

    thread = threading.Thread(target=wait_and_type)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("typed", "code", "patches"),
    [("y\n", 0, 1), ("Yes\n", 0, 1), ("n\n", 1, 0), ("\n", 1, 0), ("yeah\n", 1, 0), ("\x04", 1, 0)],
    ids=["y", "Yes", "n", "only enter", "something else", "end of file"],
)
def test_the_answer(typed: str, code: int, patches: int, terminal: int, cluster: FakeCluster, run: Run) -> None:
    hold(cluster, "a")
    typing = answer(terminal, typed, cluster, calls=3)
    result = run("yes", "a")
    typing.join()
    assert (result.code, len(cluster.patches)) == (code, patches), result
    assert "Delete deployments.apps web" in result.out
    assert "Approve DELETE deployments.apps shop/web (sha256:" in result.err
    if code:
        assert result.err.endswith("shop/a: nothing was decided\nerror: nothing was approved\n")


def test_what_was_typed_before_the_question_is_no_answer(terminal: int, cluster: FakeCluster, run: Run) -> None:
    hold(cluster, "a")
    os.write(terminal, b"y\ny\n")
    typing = answer(terminal, "n\n", cluster, calls=3)
    result = run("yes", "a")
    typing.join()
    assert (result.code, cluster.patches) == (1, [])


def test_one_of_two(terminal: int, cluster: FakeCluster, run: Run) -> None:
    hold(cluster, "a", "b")
    typing = [answer(terminal, "n\n", cluster, calls=3), answer(terminal, "y\n", cluster, calls=5)]
    result = run("yes", "a", "b")
    for thread in typing:
        thread.join()
    assert (result.code, len(cluster.patches)) == (1, 1)
    assert result.err.endswith("error: not everything was approved\n")
