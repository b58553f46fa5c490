"""yes, no, revoke, reason: one exact patch each, for the approval that was shown, and nothing else."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import yaml

from kubeapprove.resources import DECISION_ID_PATTERN
from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import FakeCluster, Run


def pending(**spec: Any) -> dict[str, Any]:
    return approvals.approval(approvals.update({"path": ["a"], "from": 1, "to": 2}), clock.now(), name="a", **spec)


def without_standing(found: dict[str, Any]) -> dict[str, Any]:
    """Return what the API server stores: our reading of it stands beside it."""
    assert found.pop("standing")["phase"]
    return found


def decided(verdict: str = "Approved") -> dict[str, Any]:
    return pending(decisions={"a": approvals.decision(verdict, at=clock.now())})


def test_yes_writes_one_decision(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(decided()))
    result = run("yes", "a", "-y", "-m", "as in ticket 12")
    assert result.code == 0, result.err
    assert "  a\n    - 1\n    + 2\n" in result.out
    assert re.search(
        r"\napproved shop/a: UPDATE deployments.apps shop/web; the agent can make the change once, until .* UTC\n$",
        result.out,
    )
    (patch,) = cluster.patches
    ((key, decision),) = patch["spec"]["decisions"].items()
    assert re.fullmatch(DECISION_ID_PATTERN, key)
    assert patch == {"spec": {"decisions": {key: decision}}}
    assert decision == {"for": approvals.UID, "verdict": "Approved", "reason": "as in ticket 12"}


def test_the_exact_command(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(decided()))
    run("no", "a", "-m", "x", "--context", "prod", "--as=alice", "--as-group", "g1", "--as-group", "g2")
    passed = ["--context=prod", "--as=alice", "--as-group=g1", "--as-group=g2"]
    *command, output = cluster.calls[-1]
    assert command[:-1] == [
        *passed,
        "patch",
        "manifestapprovals.v1alpha1.kubeapprove.io",
        "a",
        "--namespace=shop",
        "--type=merge",
        "--field-manager=kubeapprove",
    ]
    assert output == "--output=json"
    assert all(call[: len(passed)] == passed for call in cluster.calls)


def test_two_decisions_have_two_names(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(decided()))
    run("yes", "a", "a", "-y")
    first, second = (set(patch["spec"]["decisions"]) for patch in cluster.patches)
    assert first != second


def test_no(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(decided("Denied")))
    result = run("no", "a", "-m", "not on a Friday")
    assert result.out == "denied shop/a: UPDATE deployments.apps shop/web\n"
    (decision,) = cluster.patches[0]["spec"]["decisions"].values()
    assert decision == {"for": approvals.UID, "verdict": "Denied", "reason": "not on a Friday"}


def test_revoke(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(decided())
    cluster.answer("PATCH", out=json.dumps(decided()))
    assert run("revoke", "a", "-m", "too late").out == "revoked shop/a: UPDATE deployments.apps shop/web\n"
    assert cluster.patches == [{"spec": {"revoked": {"reason": "too late"}}}]


def test_what_looks_expired_can_be_revoked(cluster: FakeCluster, run: Run) -> None:
    old = approvals.approval(approvals.delete(), clock.now() - timedelta(days=2), name="a")
    cluster.hold(old)
    cluster.answer("PATCH", out=json.dumps(old))
    assert run("revoke", "a", "-m", "x").code == 0


def test_reason(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(pending(reason="the ticket")))
    assert run("reason", "a", "-m", "the ticket").out == "the reason of shop/a is set\n"
    assert cluster.patches == [{"spec": {"reason": "the ticket"}}]


def test_a_reason_is_given_once(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending(reason="first"))
    assert run("reason", "a", "-m", "second").err == "error: shop/a has a reason already, and it is said once\n"
    assert cluster.patches == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["yes", "a"], "usage: there is no terminal to ask on: review the change first, then give -y\n"),
        (["yes", "a", "-y", "-m", "x" * 4097], "usage: the reason has 4097 characters; 4096 fit\n"),
        (["no", "a", "-m", " "], 'usage: say why, with -m "…"\n'),
        (["revoke", "a", "-m", ""], 'usage: say why, with -m "…"\n'),
        (["reason", "a", "-m", ""], 'usage: say why, with -m "…"\n'),
        (["no", "a"], "Missing option '-m' / '--message'.\n"),
        (["revoke", "a"], "Missing option '-m' / '--message'.\n"),
        (["yes", "-y"], "Missing argument 'NAME'"),
        (["review"], "Missing argument 'NAME'"),
        (["list", "-n", "../../secrets"], 'usage: "../../secrets" is not the name of a namespace\n'),
        (["approve", "a"], "No such command 'approve'."),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, list) else "",
)
def test_usage(args: list[str], message: str, cluster: FakeCluster, run: Run) -> None:
    result = run(*args)
    assert result.code == 2
    assert message in result.err
    assert cluster.calls == []


@pytest.mark.parametrize(
    ("approval", "sentence"),
    [
        (decided("Denied"), "is denied, and that holds until it is deleted"),
        (pending(pendingUntil="2026-01-01T00:00:00.000000Z"), "has expired; the agent has to ask again"),
        (
            pending(revoked={"by": {"username": "b"}, "at": "2026-01-01T00:00:00.000000Z", "reason": ""}),
            "is revoked",
        ),
        (
            approvals.approval(
                approvals.delete(),
                clock.now(),
                name="a",
                status={"claim": {"requestUID": "r", "at": "2026-01-01T00:00:00.000000Z", "objectVersion": ""}},
            ),
            "has let its change through",
        ),
    ],
    ids=["denied", "expired", "revoked", "used"],
)
def test_what_is_over_takes_no_decision(approval: Any, sentence: str, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(approval)
    for args in (["yes", "a", "-y"], ["no", "a", "-m", "x"]):
        result = run(*args)
        assert (result.code, result.err) == (1, f"error: shop/a {sentence}\n")
    assert cluster.patches == []


@pytest.mark.parametrize(
    "spec", [{"manifestHash": "sha256:" + "0" * 64}, {"later": True}], ids=["hash is not true", "not understood"]
)
def test_an_invalid_one_is_shown_loudly_and_not_approved(spec: Any, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending(**spec))
    result = run("yes", "a", "-y")
    assert result.code == 1
    assert "INVALID" in result.out
    assert "is invalid and cannot be approved" in result.err
    assert cluster.patches == []


def test_an_invalid_one_can_be_denied(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending(later=True))
    cluster.answer("PATCH", out=json.dumps(pending(later=True)))
    assert run("no", "a", "-m", "odd").out == "denied shop/a: a change that cannot be shown\n"


def test_the_gate_refuses(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer(
        "PATCH",
        err='Error from server (Forbidden): admission webhook "approvals.kubeapprove.io" denied the request: '
        "nobody decides on a change that they asked for\n",
        code=1,
    )
    result = run("yes", "a", "-y")
    assert (result.code, result.err) == (1, "error: nobody decides on a change that they asked for\n")


@pytest.mark.parametrize(("format_", "read"), [("json", json.loads), ("yaml", yaml.safe_load)], ids=["json", "yaml"])
def test_what_was_stored_as_data(format_: str, read: Any, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    stored = decided()
    cluster.answer("PATCH", out=json.dumps(stored))
    for args in (["yes", "a", "-y"], ["no", "a", "-m", "x"], ["revoke", "a", "-m", "x"], ["reason", "a", "-m", "x"]):
        assert without_standing(read(run(*args, "-o", format_).out)) == stored


def test_several_as_yaml_are_several_documents(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    stored = decided()
    cluster.answer("PATCH", out=json.dumps(stored))
    found = yaml.safe_load_all(run("yes", "a", "a", "-y", "-o", "yaml").out)
    assert [without_standing(one) for one in found] == [stored, stored]


def test_a_delete_shows_the_object(cluster: FakeCluster, run: Run) -> None:
    held = approvals.approval(approvals.delete(), clock.now(), name="a")
    cluster.hold(held)
    cluster.answer("GET /apis/apps/v1/namespaces/shop/deployments/web", out='{"metadata": {"uid": "d-1"}, "spec": {}}')
    out = run("review", "a").out
    assert "The object as of now, not hashed:\n  metadata:\n    uid: d-1\n  spec: {}\n\nTo decide:\n" in out


def test_review_as_data(cluster: FakeCluster, run: Run) -> None:
    held = pending()
    cluster.hold(held)
    assert without_standing(json.loads(run("review", "a", "-o", "json").out)) == held
