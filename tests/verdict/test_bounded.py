"""Asking is bounded by how many other requests of the same requester wait, and nothing else is."""

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.verdict import Action, Verdict, bounded

ASK = Verdict(Action.ASK, Reason.APPROVAL_REQUIRED)


@pytest.mark.parametrize("waiting", [0, 1, 49])
def test_fewer_ask(waiting: int) -> None:
    assert bounded(ASK, waiting, 50) is ASK


@pytest.mark.parametrize("waiting", [50, 51, 1000])
def test_more_are_refused_with_the_remedy(waiting: int) -> None:
    verdict = bounded(ASK, waiting, 50)
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.TOO_MANY_PENDING)
    assert f"{waiting} other requests" in verdict.sentence
    assert "wait until some are decided or expire" in verdict.sentence


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.ASK])
def test_only_asking_is_bounded(action: Action) -> None:
    verdict = Verdict(action, Reason.APPROVED)
    assert bounded(verdict, 1000, 50) is verdict
