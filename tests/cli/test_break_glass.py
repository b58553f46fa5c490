"""Broken glass: never by accident, marked, and listed until somebody else has reviewed it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import yaml

from kubeapprove.resources import DECISION_ID_PATTERN, format_time
from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import COLLECTION, FakeCluster, Run
from tests.cli.test_asking import answer, terminal

__all__ = ["terminal"]

BOB = {"username": "bob", "uid": "", "extra": {}}


def pending(name: str = "a", **spec: Any) -> dict[str, Any]:
    status = {"requirements": [approvals.requirement("production", "two", 2, "sre")]}
    return approvals.approval(approvals.delete(), clock.now(), name=name, status=status, **spec)


def broken(name: str = "a", age: timedelta = timedelta(minutes=1), **spec: Any) -> dict[str, Any]:
    decision = approvals.decision(at=clock.now() - age, breakGlass=True, by=BOB, reason="shop is down")
    return pending(name, decisions={"d": decision}, **spec)


def reviewed(by: str) -> dict[str, Any]:
    word = {
        "by": {"username": by, "uid": "", "extra": {}},
        "at": format_time(clock.now()),
        "reason": "it was",
    }
    return broken(acknowledgements={"r": word})


def test_yes_breaks_the_glass(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(broken()))
    result = run("yes", "a", "-y", "--break-glass", "-m", "shop is down")
    assert result.code == 0, result.err
    (decision,) = cluster.patches[0]["spec"]["decisions"].values()
    assert decision == {"for": approvals.UID, "verdict": "Approved", "reason": "shop is down", "breakGlass": True}
    last = result.out.splitlines()[-1]
    assert last.startswith(
        "broke the glass for shop/a: DELETE deployments.apps shop/web; the agent can make the change"
    )
    assert last.endswith("; somebody else owes it a review")


@pytest.mark.parametrize("message", [(), ("-m", " ")], ids=["none", "blank"])
def test_a_reason_is_compulsory(message: tuple[str, ...], cluster: FakeCluster, run: Run) -> None:
    result = run("yes", "a", "-y", "--break-glass", *message)
    assert (result.code, result.err, cluster.calls) == (2, 'usage: say why, with -m "…"\n', [])


@pytest.mark.parametrize(("typed", "code", "patches"), [("y\n", 0, 1), ("\n", 1, 0)], ids=["yes", "only enter"])
def test_it_asks_and_says_what_it_means(
    typed: str, code: int, patches: int, terminal: int, cluster: FakeCluster, run: Run
) -> None:
    cluster.hold(pending())
    cluster.answer("PATCH", out=json.dumps(broken()))
    typing = answer(terminal, typed, cluster, calls=3)
    result = run("yes", "a", "--break-glass", "-m", "shop is down")
    typing.join()
    assert (result.code, len(cluster.patches)) == (code, patches), result
    meaning, question = result.err.splitlines()[:2]
    assert "your word alone stands for everybody whom policies ask for" in meaning
    assert question.startswith("Break the glass for DELETE deployments.apps shop/web (sha256:")


def test_what_is_owed_is_listed_with_who_when_why_and_the_next_command(cluster: FakeCluster, run: Run) -> None:
    inherited = {"uid": "u-0", "outcome": "Consumed", "owed": [approvals.owed(at=clock.now(), by="carol")]}
    cluster.hold(
        pending("none"),
        broken("late"),
        broken("early", timedelta(days=3)),
        pending("again", previous=inherited),
    )
    result = run("list", "--owed", "--context", "prod")
    rows = result.out.splitlines()
    assert [row.split(":")[0] for row in rows if not row.startswith(" ")] == ["shop/early", "shop/late", "shop/again"]
    assert rows[1].startswith("  bob broke the glass at 20")
    assert rows[1].endswith(' UTC: "shop is down"')
    assert rows[2] == "  Read it: kubectl approve review early -n shop --context prod"
    assert rows[3] == '  Next: kubectl approve acknowledge early -n shop --context prod -m "what you found"'
    assert rows[-3].startswith("  carol broke the glass at ")
    assert ", on an earlier approval of the same change: " in rows[-3]


@pytest.mark.parametrize(
    ("approval", "is_owed"),
    [(broken(), True), (reviewed("alice"), False), (reviewed("bob"), True), (pending(), False)],
    ids=["nobody", "by somebody else", "by who broke it", "no broken glass"],
)
def test_until_somebody_else_has_reviewed_it(
    approval: dict[str, Any], is_owed: bool, cluster: FakeCluster, run: Run
) -> None:
    cluster.hold(approval)
    assert run("list", "--owed", "-o", "name").out == "manifestapproval.kubeapprove.io/a\n" * is_owed


def test_owed_as_data(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(broken())
    (one,) = yaml.safe_load(run("list", "--owed", "-o", "yaml").out)["items"]
    (mark,) = one["standing"]["owed"]
    assert (mark["uid"], mark["by"]["username"], mark["reason"]) == (approvals.UID, "bob", "shop is down")


def test_nothing_is_owed(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    assert run("list", "--owed").err == "No review is owed in namespace shop.\n"
    assert run("list", "--owed", "-A").err == "No review is owed in this cluster.\n"
    assert cluster.calls[-1][-1] == f"{COLLECTION}/manifestapprovals?limit=200"


def test_acknowledge(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(broken())
    cluster.answer("PATCH", out=json.dumps(reviewed("alice")))
    result = run("acknowledge", "a", "-m", "it was right")
    assert result.code == 0, result.err
    ((key, word),) = cluster.patches[0]["spec"]["acknowledgements"].items()
    assert (cluster.patches[0], word) == ({"spec": {"acknowledgements": {key: word}}}, {"reason": "it was right"})
    assert re.fullmatch(DECISION_ID_PATTERN, key)
    first, second = result.out.splitlines()
    assert first.startswith("bob broke the glass at ")
    assert second == "acknowledged shop/a: DELETE deployments.apps shop/web"


def test_an_acknowledgement_that_is_not_enough(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(broken())
    cluster.answer("PATCH", out=json.dumps(reviewed("bob")))
    assert run("acknowledge", "a", "-m", "x").out.endswith("; a review is still owed, by somebody else than you\n")


def test_there_is_nothing_to_acknowledge(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(pending())
    result = run("acknowledge", "a", "-m", "x")
    assert result.err == "error: shop/a is owed no review: see `kubectl approve list --owed`\n"
    assert cluster.patches == []


def test_who_broke_it_is_refused_in_the_gates_words(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(broken())
    said = "who broke the glass does not review it: somebody else acknowledges it"
    refused = (
        f'Error from server (NotADecider): admission webhook "approvals.kubeapprove.io" denied the request: {said}\n'
    )
    cluster.answer("PATCH", err=refused, code=1)
    result = run("acknowledge", "a", "-m", "x")
    assert (result.code, result.err) == (1, f"error: {said}\n")


def test_the_acknowledgement_as_data(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(broken())
    cluster.answer("PATCH", out=json.dumps(reviewed("alice")))
    assert json.loads(run("acknowledge", "a", "-m", "x", "-o", "json").out)["standing"]["owed"] == []
