"""C002: single commands are asked for; what opens a session that nobody sees is refused, where no rule names it."""

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.ruling import Question
from kubeapprove.verdict import Action, Verdict, by_ruling
from tests.verdict import scenes
from tests.verdict.scenes import POLICIES, asked, connect

REFUSED: dict[str, Request] = {
    "exec with stdin": connect("exec", stdin=True, command=["sh"]),
    "exec with stdin that is no boolean": connect("exec", stdin="yes", command=["sh"]),
    "attach": connect("attach", stdout=True),
    "attach with stdin": connect("attach", stdin=True),
    "port-forward": connect("portforward"),
}
ASKED_FOR: dict[str, Request] = {
    "exec": connect("exec", command=["id"]),
    "exec with a terminal": connect("exec", tty=True, command=["id"]),
    "exec that says it has no stdin": connect("exec", stdin=False, command=["id"]),
    "another kind's connection": scenes.request(
        operation="CONNECT",
        resource={"group": "x.io", "version": "v1", "resource": "machines"},
        subResource="attach",
        object={},
        oldObject=None,
    ),
    "no connection at all": scenes.create(resource=scenes.PODS, subResource="attach"),
}


def judged(request: Request) -> Verdict | None:
    """Return what is made of a request under a policy without rules."""
    change = asked(request).change
    return by_ruling(POLICIES.rule(Question(request, change.document)), change)


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str) -> None:
    verdict = judged(REFUSED[name])
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.POLICY_DENIED)
    assert "without -i" in verdict.sentence


@pytest.mark.parametrize("name", ASKED_FOR)
def test_can_be_asked_for(name: str) -> None:
    assert judged(ASKED_FOR[name]) is None
