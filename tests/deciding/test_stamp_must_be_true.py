"""The guard takes a decision only as the stamp would have written it: the caller's own, now, and for this approval."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, judge, send, with_spec, write
from tests.verdict.scenes import ALICE, BOB, NOW, decision, raw_approval, revoked

OLD = raw_approval()
SKEW = timedelta(seconds=90)
TICK = timedelta(microseconds=1)
OWN = decision(ALICE)
BY = OWN["by"]
FORGED: dict[str, dict[str, Any]] = {
    "in another's name": decision(BOB),
    "another's name alone": {**OWN, "by": {**BY, "username": "bob"}},
    "another uid": {**OWN, "by": {**BY, "uid": "u-bob"}},
    "no uid": {**OWN, "by": {**BY, "uid": ""}},
    "other extra": {**OWN, "by": {**BY, "extra": {"from": ["certificate"]}}},
    "no extra": {**OWN, "by": {"username": "alice", "uid": "u-alice"}},
    "more groups": decision(groups=[*ALICE.groups, "admins"]),
    "no groups": decision(groups=[]),
    "stale": decision(at=NOW - SKEW - TICK),
    "from the future": decision(at=NOW + SKEW + TICK),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_decision(name: str) -> None:
    judgement = judge(write(OLD, deciding(OLD, FORGED[name])))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "as the stamp writes them" in judgement.sentence


@pytest.mark.parametrize("skew", [-SKEW, timedelta(0), SKEW], ids=["behind", "none", "ahead"])
def test_two_replicas_clocks_may_differ(skew: timedelta) -> None:
    assert judge(write(OLD, deciding(OLD, decision(at=NOW + skew)))).write is Write.DECISION


FORGED_REVOCATION = {
    "in another's name": revoked(BOB),
    "stale": revoked(at=NOW - SKEW - TICK),
    "from the future": revoked(at=NOW + SKEW + TICK),
}


@pytest.mark.parametrize("name", FORGED_REVOCATION)
def test_a_forged_revocation(name: str) -> None:
    judgement = judge(write(OLD, with_spec(OLD, revoked=FORGED_REVOCATION[name])))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "as the stamp writes them" in judgement.sentence


@pytest.mark.parametrize("uid", ["uid-of-yesterday's", "UID-OF-THE-APPROVAL"])
def test_a_decision_for_another_approval_names_this_one(uid: str) -> None:
    """C084: yesterday's patch, re-applied to the next approval of the same name."""
    judgement = send(OLD, deciding(OLD, {**ENTRY, "for": uid}))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "`for` must be uid-of-the-approval" in judgement.sentence


def test_a_signed_decision_is_not_supported() -> None:
    judgement = send(OLD, deciding(OLD, {**ENTRY, "signature": "x"}))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "not supported" in judgement.sentence
