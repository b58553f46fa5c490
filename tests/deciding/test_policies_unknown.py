"""While nobody knows what the policies say, nobody knows who is an agent: nobody decides. What decides nothing passes."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send, with_spec
from tests.verdict.scenes import AGENT, ALICE, BOB, decision, raw_approval

OLD = raw_approval()
BROKEN = raw_approval(None, decision(BOB, breakGlass=True))
DECIDES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an approval": (OLD, deciding(OLD, ENTRY)),
    "a denial": (OLD, deciding(OLD, {**ENTRY, "verdict": "Denied"})),
    "broken glass": (OLD, deciding(OLD, {**ENTRY, "breakGlass": True})),
    "the revocation": (OLD, with_spec(OLD, revoked={"reason": "no"})),
    "an acknowledgement": (BROKEN, with_spec(BROKEN, acknowledgements={"a": {"reason": "looked at it"}})),
}


@pytest.mark.parametrize("name", DECIDES)
def test_is_refused(name: str) -> None:
    old, new = DECIDES[name]
    judgement = send(old, new, policies=None)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.POLICY_UNKNOWN)
    assert "try again in a few seconds" in judgement.sentence


def test_what_decides_nothing_passes() -> None:
    labelled = {**OLD, "metadata": {**OLD["metadata"], "labels": {"a": "b"}}}
    assert send(OLD, labelled, ALICE, policies=None).reason is Reason.HARMLESS_EDIT
    assert send(OLD, with_spec(OLD, reason="because"), AGENT, policies=None).reason is Reason.REASON_GIVEN
