"""`wait`: an exit code for every end, and the connection may drop meanwhile."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.resources import format_time
from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import COLLECTION, FakeCluster, Run

ONE = f"GET {COLLECTION}/namespaces/shop/manifestapprovals/a"
EVENT = '{"type":"MODIFIED","object":{}}\n'
CLAIM = {"requestUID": "r", "at": "2026-01-31T08:59:00.000000Z", "objectVersion": ""}


def waiting(**parts: Any) -> dict[str, Any]:
    return approvals.approval(approvals.delete(), clock.now(), name="a", **parts)


def changed(**parts: Any) -> dict[str, Any]:
    return waiting(metadata={"resourceVersion": "101"}, **parts)


def decided(verdict: str, **fields: Any) -> dict[str, Any]:
    return changed(decisions={"a": approvals.decision(verdict, at=clock.now(), **fields)})


def overdue() -> dict[str, Any]:
    ago = clock.now() - timedelta(hours=2)
    raw = approvals.approval(approvals.delete(), ago, name="a", decisions={"a": approvals.decision(at=ago)})
    raw["metadata"]["annotations"] = {"kubeapprove.io/use-within-seconds": "60"}
    return raw


ENDS: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "approved": (
        decided("Approved"),
        0,
        r'approved by alice: "read it"; it holds for one try until ',
        "run the same command again",
    ),
    "approved without a word": (
        decided("Approved", reason=""),
        0,
        "approved by alice; it",
        "run the same command again",
    ),
    "denied": (
        decided("Denied", reason="not \x1b[1mtoday"),
        3,
        r'denied by alice: "not \u001b[1mtoday".',
        "do not try this change again; tell who gave you the task",
    ),
    "nobody decided": (
        changed(pendingUntil="2026-01-01T00:00:00.000000Z"),
        4,
        "expired at 2026-01-01 00:00:00 UTC: nobody decided in time.",
        "run the same command again: it asks anew",
    ),
    "not used": (overdue(), 4, "not used in time.", "run the same command again: it asks anew"),
    "revoked": (
        changed(revoked={"by": {"username": "bob"}, "at": "2026-01-31T08:59:00.000000Z", "reason": "oops"}),
        6,
        'revoked by bob: "oops".',
        "do not try again before asking why",
    ),
    "revoked without a word": (
        changed(revoked={"by": {"username": "bob"}, "at": "2026-01-31T08:59:00.000000Z", "reason": ""}),
        6,
        "revoked by bob.",
        "do not try again before asking why",
    ),
    "being deleted": (
        waiting(metadata={"deletionTimestamp": "2026-01-31T08:59:00Z"}),
        6,
        "revoked: it is being deleted.",
        "do not try again before asking why",
    ),
    "used": (
        changed(status={"claim": CLAIM}),
        6,
        "already used at 2026-01-31 08:59:00 UTC: it lets its change through once.",
        "look whether the change is there; if not, run the same command again: it asks anew",
    ),
    "invalid": (
        changed(manifestHash="sha256:" + "0" * 64),
        1,
        "shop/a is invalid: the stored change is not the one that its hash names.",
        "ask whoever runs the cluster",
    ),
    "another uid": (
        waiting(metadata={"uid": "other"}),
        6,
        "shop/a is another approval now: the one that was waited for is gone.",
        "kubectl approve wait shop/a",
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_end_that_comes_while_waiting(end: str, cluster: FakeCluster, run: Run) -> None:
    raw, code, sentence, following = ENDS[end]
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, out=json.dumps(raw))
    cluster.answer("WATCH", out=EVENT, code="hang")
    started = time.monotonic()
    result = run("wait", "a", "--timeout", "30s")
    assert result.code == code, result
    said, next_ = result.out.splitlines()
    assert sentence in said
    assert next_ == f"Next: {following}"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("end", [end for end in ENDS if end != "another uid"])
def test_the_end_that_is_there_already(end: str, cluster: FakeCluster, run: Run) -> None:
    raw, code, sentence, _ = ENDS[end]
    cluster.hold(raw)
    result = run("wait", "a")
    assert (result.code, sentence in result.out) == (code, True), result


def test_the_watch_begins_at_what_was_read(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, out=json.dumps(decided("Approved")))
    cluster.answer("WATCH", out=EVENT, code="hang")
    run("wait", "a", "--timeout=20s", "--context=prod")
    (watch,) = [call for call in cluster.calls if "watch=true" in call[-1]]
    assert watch[:-1] == ["--context=prod", "get", "--raw"]
    assert watch[-1] == (
        f"{COLLECTION}/namespaces/shop/manifestapprovals?fieldSelector=metadata.name%3Da&watch=true"
        "&resourceVersion=100&timeoutSeconds=20"
    )


def test_deleted_while_waiting(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, err='Error from server (NotFound): manifestapprovals.kubeapprove.io "a" not found', code=1)
    cluster.answer("WATCH", out='{"type":"DELETED","object":{}}\n', code="hang")
    result = run("wait", "a")
    assert result.code == 6
    assert result.out == ("shop/a was deleted, which revokes it.\nNext: run the same command again: it asks anew\n")


def test_nobody_decides_in_time(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(waiting())
    cluster.answer("WATCH", code="hang")
    started = time.monotonic()
    result = run("wait", "a", "--timeout", "200ms")
    assert result.code == 5
    assert result.out == ("nobody decided within 0s; shop/a is still pending.\nNext: kubectl approve wait shop/a\n")
    assert time.monotonic() - started < 4


def test_it_expires_by_the_clock_without_any_event(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(waiting(pendingUntil=format_time(clock.now() + timedelta(seconds=1))))
    cluster.answer("WATCH", code=0)
    assert run("wait", "a").code == 4


def test_a_connection_that_drops(cluster: FakeCluster, run: Run) -> None:
    refused = "The connection to the server x was refused - did you specify the right host or port?\n"
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, err=refused, code=1)
    cluster.answer(ONE, err=refused, code=1)
    cluster.answer(ONE, out=json.dumps(decided("Approved")))
    cluster.answer("WATCH", err=refused, code=1)
    result = run("wait", "a")
    assert result.code == 0
    assert result.err.count("trying again") == 1


def test_a_connection_that_stays_away(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, err="Unable to connect to the server: dial tcp: i/o timeout\n", code=1)
    cluster.answer("WATCH", out="not json\n")
    result = run("wait", "a", "--timeout", "1s")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines()[-1].startswith("error: no good answer from the cluster")


def test_who_may_not_watch_looks_every_second(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, out=json.dumps(decided("Approved")))
    cluster.answer("WATCH", err='Error from server (Forbidden): User "x" cannot watch', code=1)
    assert run("wait", "a").code == 0
    assert sum("watch=true" in call[-1] for call in cluster.calls) == 1


def test_bookmarks_are_no_news(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(ONE, out=json.dumps(waiting()))
    cluster.answer(ONE, out=json.dumps(decided("Approved")))
    cluster.answer("WATCH", out='{"type":"BOOKMARK"}\n[]\n', code="hang")
    assert run("wait", "a").code == 0


def test_the_answer_as_json(cluster: FakeCluster, run: Run) -> None:
    raw = decided("Denied")
    cluster.hold(raw)
    result = run("wait", "a", "-o", "json")
    assert result.code == 3
    assert json.loads(result.out) == {
        "approval": "shop/a",
        "hash": raw["spec"]["manifestHash"],
        "phase": "Denied",
        "exitCode": 3,
        "message": 'denied by alice: "read it"',
        "next": "do not try this change again; tell who gave you the task",
    }


def test_the_phase_alone(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(decided("Approved"))
    assert run("wait", "a", "-o", "name").out == "Approved\n"


@pytest.mark.parametrize("text", ["soon", "10", "-1s", "1h 2m", "1d", "9" * 40, ""])
def test_a_timeout(text: str, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(decided("Approved"))
    assert run("wait", "a", f"--timeout={text}").code == (0 if text == "10" else 2)
