"""A write adds one decision or the revocation, and touches nothing else of the spec (C067)."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send, with_spec, without
from tests.verdict.scenes import BOB, decision, raw_approval

FRESH = raw_approval(reason="the pods crash", previous={"uid": "u-0", "outcome": "Expired"})
DECIDED = raw_approval(None, decision(BOB))

TAKEN: dict[str, tuple[dict[str, Any], dict[str, Any], Write]] = {
    "one approving decision": (FRESH, deciding(FRESH, ENTRY), Write.DECISION),
    "one denying decision": (FRESH, deciding(FRESH, {**ENTRY, "verdict": "Denied"}), Write.DECISION),
    "another person's second": (DECIDED, deciding(DECIDED, ENTRY), Write.DECISION),
    "a denial after an approving decision": (
        DECIDED,
        deciding(DECIDED, {**ENTRY, "verdict": "Denied"}),
        Write.DECISION,
    ),
    "the revocation": (FRESH, with_spec(FRESH, revoked={"reason": "no"}), Write.REVOCATION),
    "the revocation of what was approved": (DECIDED, with_spec(DECIDED, revoked={"reason": "no"}), Write.REVOCATION),
}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "two decisions": (FRESH, deciding(FRESH, ENTRY, ENTRY), "not more"),
    "a decision and the revocation": (FRESH, deciding(FRESH, ENTRY, revoked={"reason": "no"}), "not more"),
    "an empty map of decisions": (FRESH, with_spec(FRESH, decisions={}), "not more"),
    "an altered decision": (DECIDED, with_spec(DECIDED, decisions={"d-0": decision(BOB, reason="other")}), "altered"),
    "an altered decision beside a new one": (
        DECIDED,
        deciding(with_spec(DECIDED, decisions={"d-0": decision(BOB, verdict="Denied")}), ENTRY),
        "altered",
    ),
    "a removed decision": (DECIDED, without(DECIDED, "decisions"), "removed"),
    "a decision in another's place": (DECIDED, with_spec(DECIDED, decisions={"x": ENTRY}), "removed"),
    "the hash": (FRESH, with_spec(FRESH, manifestHash="sha256:" + "0" * 64), "only decisions"),
    "the change": (FRESH, with_spec(FRESH, change='{"v": 1}'), "only decisions"),
    "the requester": (FRESH, with_spec(FRESH, requester={"username": "x"}), "only decisions"),
    "the end of asking": (FRESH, with_spec(FRESH, pendingUntil="2099-01-01T00:00:00.000000Z"), "only decisions"),
    "what was before": (FRESH, without(FRESH, "previous"), "only decisions"),
    "the agent's reason": (FRESH, with_spec(FRESH, reason="better"), "only decisions"),
    "the agent's reason, away": (FRESH, without(FRESH, "reason"), "only decisions"),
    "the change beside a decision": (FRESH, deciding(FRESH, ENTRY, change='{"v": 1}'), "only decisions"),
    "a person's reason beside a decision": (DECIDED, deciding(DECIDED, ENTRY, reason="because"), "only decisions"),
    "a reason by somebody else": (DECIDED, with_spec(DECIDED, reason="because"), "only decisions"),
    "an unknown field": (FRESH, with_spec(FRESH, surprise=1), "not one that this version understands"),
    "an unknown verdict": (FRESH, deciding(FRESH, {**ENTRY, "verdict": "Maybe"}), "not one that this version"),
    "a decision without a reason": (
        FRESH,
        deciding(FRESH, {"for": ENTRY["for"], "verdict": "Approved"}),
        "not one that this version",
    ),
    "an id in capitals": (FRESH, with_spec(FRESH, decisions={"Alice": ENTRY}), "not one that this version"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_is_taken(name: str) -> None:
    old, new, what = TAKEN[name]
    judgement = send(old, new)
    assert (judgement.write, judgement.reason) == (what, Reason.DECIDED)


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str) -> None:
    old, new, sentence = REFUSED[name]
    judgement = send(old, new)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert sentence in judgement.sentence


def test_an_approval_that_was_unreadable_before_takes_nothing() -> None:
    old = with_spec(FRESH, surprise=1)
    assert "not one that this version" in send(old, deciding(old, ENTRY)).sentence
