"""What policies ask for and what is missing of it is said wherever an approver or an agent looks."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import FakeCluster, Run

TWO = approvals.requirement("production", "two", 2, "sre")
OWNER = approvals.requirement("owners", "web", 1, "web-team")


def asked(*groups: str, requirements: Any = (TWO,), **spec: Any) -> dict[str, Any]:
    """Return an approval with a decision by a member of each group, each by somebody else."""
    decisions = {
        f"d-{at}": approvals.decision(at=clock.now(), groups=[group], by={"username": f"p{at}", "uid": "", "extra": {}})
        for at, group in enumerate(groups)
    }
    if decisions:
        spec["decisions"] = decisions
    status = {"requirements": list(requirements)}
    return approvals.approval(approvals.delete(), clock.now(), name="a", status=status, **spec)


@pytest.mark.parametrize(
    ("approval", "missing"),
    [
        (asked(), "2 of 2"),
        (asked("sre"), "1 of 2"),
        (asked("sre", "sre"), "-"),
        (asked("other"), "2 of 2"),
        (asked("sre", requirements=[TWO, OWNER]), "1 of 2 + 1 of 1"),
    ],
    ids=["nobody", "one of two", "both", "not on the list", "two requirements"],
)
def test_the_list_counts(approval: dict[str, Any], missing: str, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(approval)
    head, row = run("list").out.splitlines()
    column = slice(head.index("MISSING"), head.index("OPERATION"))
    assert row[column].strip() == missing


def test_the_wide_list_says_who(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked(requirements=[TWO, OWNER]))
    out = run("list", "-o", "wide").out
    assert (
        "2 approvals by group sre (policy production, rule two) and 1 approval by group web-team (policy owners, rule web)"
        in out
    )


@pytest.mark.parametrize(
    ("groups", "end"),
    [
        (("sre",), r"; still missing: 1 of 2 approvals by group sre \(policy production, rule two\)"),
        (("sre", "sre"), r"; the agent can make the change once, until .* UTC"),
    ],
    ids=["one more", "enough"],
)
def test_yes_says_what_its_decision_came_to(groups: tuple[str, ...], end: str, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked(*groups[1:]))
    cluster.answer("PATCH", out=json.dumps(asked(*groups)))
    out = run("yes", "a", "-y").out
    assert re.search(end + "\n$", out)


def test_a_decision_that_does_not_count_is_no_secret(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked())
    warning = "Warning: your approval does not count as things are: policies ask for group sre\n"
    cluster.answer("PATCH", out=json.dumps(asked("other")), err=warning)
    result = run("yes", "a", "-y")
    assert result.err == (
        "warning: your approval does not count as things are: policies ask for group sre; it is kept, and somebody "
        "who counts has to approve as well\n"
    )
    assert result.out.endswith("; still missing: 2 of 2 approvals by group sre (policy production, rule two)\n")


def test_another_warning_is_passed_on(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked())
    cluster.answer("PATCH", out=json.dumps(asked("sre")), err="Warning: mind the gap\n")
    assert run("yes", "a", "-y").err == "warning: mind the gap\n"


def test_wait_says_what_is_missing_now_and_at_its_end(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked("sre"))
    cluster.answer("WATCH", code=0)
    result = run("wait", "a", "--timeout", "0")
    assert result.code == 5
    missing = "still missing: 1 of 2 approvals by group sre (policy production, rule two)"
    assert result.out.startswith(f"not enough people decided within 0s; shop/a is still pending, {missing}.\n")
    assert result.err == f"waiting; {missing}\n"


def test_as_data(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(asked("sre", requirements=[TWO, OWNER]))
    for found in (
        json.loads(run("review", "a", "-o", "json").out),
        json.loads(run("list", "-o", "json").out)["items"][0],
    ):
        assert found["standing"] == {
            "phase": "Pending",
            "until": found["spec"]["pendingUntil"],
            "requirements": [{**TWO, "missing": 1}, {**OWNER, "missing": 1}],
            "owed": [],
        }


def test_what_is_over_counts_nothing(cluster: FakeCluster, run: Run) -> None:
    denied = asked(decisions={"a": approvals.decision("Denied", at=clock.now() - timedelta(minutes=1))})
    cluster.hold(denied)
    standing = json.loads(run("review", "a", "-o", "json").out)["standing"]
    assert standing["phase"] == "Denied"
    assert "missing" not in standing["requirements"][0]
    assert "missing" not in run("review", "a").out
