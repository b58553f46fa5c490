"""C073: an approval that this version does not understand lets nothing through: it is asked for again."""

from typing import Any

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.resources import ManifestApproval, Phase
from kubeapprove.verdict import Action, Verdict, read_approval
from tests.verdict.scenes import decision, raw_approval

WHOLE = raw_approval(None, decision())
CASES: dict[str, dict[str, Any]] = {
    "unknown field in the spec": {**WHOLE, "spec": {**WHOLE["spec"], "surprise": 1}},
    "unknown field in a decision": raw_approval(None, decision(surprise=1)),
    "unknown field at the root": {**WHOLE, "surprise": 1},
    "unknown version": {**WHOLE, "apiVersion": "kubeapprove.io/v2"},
    "unknown verdict": raw_approval(None, decision(verdict="approved")),
    "no spec": {key: value for key, value in WHOLE.items() if key != "spec"},
    "a spec that is no object": {**WHOLE, "spec": "Denied"},
    "decisions that are a list": {**WHOLE, "spec": {**WHOLE["spec"], "decisions": [decision()]}},
    "a decision that is no object": {**WHOLE, "spec": {**WHOLE["spec"], "decisions": {"d-0": "Denied"}}},
    "a moment without an offset": raw_approval(None, pendingUntil="2026-02-01T09:00:00"),
}


@pytest.mark.parametrize("name", CASES)
def test_is_asked_for_again(name: str) -> None:
    assert read_approval(CASES[name]) == Verdict(Action.ASK, Reason.APPROVAL_REQUIRED, ended=Phase.INVALID)


def test_a_whole_one_is_read() -> None:
    assert isinstance(read_approval(WHOLE), ManifestApproval)
