"""Approvals are created by the gate alone, and so is their status; the guard sends no other resource here."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import deciding, judge, write
from tests.verdict.scenes import decision, raw_approval

OLD = raw_approval()
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a creation": ({"operation": "CREATE", "oldObject": None}, OLD, "created by the gate alone"),
    "a creation with a decision": (
        {"operation": "CREATE", "oldObject": None},
        raw_approval(None, decision()),
        "created by the gate alone",
    ),
    "a deletion that reaches us all the same": ({"operation": "DELETE", "object": None}, OLD, "created by the gate"),
    "the status": ({"subResource": "status"}, {**OLD, "status": {"phase": "Approved"}}, "the status is written by"),
    "the status, unchanged": ({"subResource": "status"}, OLD, "the status is written by"),
    "a decision through the status": ({"subResource": "status"}, deciding(OLD, decision()), "the status is written by"),
}


@pytest.mark.parametrize("name", CASES)
def test_is_refused(name: str) -> None:
    fields, new, sentence = CASES[name]
    judgement = judge(write(OLD, new, **fields))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert sentence in judgement.sentence
