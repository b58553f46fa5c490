"""The requester says why, once, on the own approval, before any decision, and writes nothing beside it."""

from dataclasses import replace
from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.identity import UserInfo
from kubeapprove.never import gives_reason
from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.verdict import Action, Verdict, before_change
from tests.deciding.writes import APPROVALS, ENTRY, deciding, judge, with_spec, without, write
from tests.verdict import scenes
from tests.verdict.scenes import AGENT, BOB, NOW, POLICIES, SETTINGS, asked, decision, raw_approval, revoked

OLD = raw_approval()
SAID = with_spec(OLD, reason="because")
ROLE = {"canonicalArn": ("arn:aws:iam::111122223333:role/agent",)}
FIRST, SECOND = UserInfo("s-1", "", ("agents",), ROLE), UserInfo("s-2", "", ("agents",), ROLE)


def meta(approval: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**approval, "metadata": {**approval["metadata"], **fields}}


GIVEN: dict[str, Request] = {
    "a reason": write(OLD, SAID, AGENT),
    "beside what the server writes": write(OLD, meta(SAID, managedFields=[{}], generation=2), AGENT),
    "by another session of the role": write(
        raw_approval(asked(scenes.request(user=FIRST))),
        raw_approval(asked(scenes.request(user=FIRST)), reason="because"),
        SECOND,
    ),
    "where decisions are an empty map": write(with_spec(OLD, decisions={}), with_spec(SAID, decisions={}), AGENT),
}
OTHER = UserInfo("other-agent", "u-agent", ("agents",))
NOT_GIVEN: dict[str, Request] = {
    "twice": write(SAID, with_spec(OLD, reason="better"), AGENT),
    "taken back": write(SAID, OLD, AGENT),
    "none": write(OLD, meta(OLD, labels={"a": "b"}), AGENT),
    "of someone else's approval": write(OLD, SAID, OTHER),
    "in other letters": write(OLD, SAID, UserInfo("Agent@ai", "u-agent", ("agents",))),
    "after a decision": write(raw_approval(None, decision()), raw_approval(None, decision(), reason="because"), AGENT),
    "after the revocation": write(raw_approval(revoked=revoked()), raw_approval(revoked=revoked(), reason="b"), AGENT),
    "with a decision": write(OLD, deciding(SAID, ENTRY), AGENT),
    "with a revocation": write(OLD, with_spec(SAID, revoked=revoked()), AGENT),
    "with a label (C085)": write(OLD, meta(SAID, labels={"a": "b"}), AGENT),
    "with an annotation": write(OLD, meta(SAID, annotations={"a": "b"}), AGENT),
    "with a finalizer (C085)": write(OLD, meta(SAID, finalizers=["x.io/a"]), AGENT),
    "with an owner (C085)": write(OLD, meta(SAID, ownerReferences=[{"uid": "u"}]), AGENT),
    "with another hash": write(OLD, with_spec(SAID, manifestHash="sha256:" + "0" * 64), AGENT),
    "with another requester": write(OLD, with_spec(SAID, requester=OTHER.as_dict()), OTHER),
    "with a longer time": write(OLD, with_spec(SAID, pendingUntil="2099-01-01T00:00:00.000000Z"), AGENT),
    "with a status": write(OLD, {**SAID, "status": {"phase": "Approved"}}, AGENT),
    "without what was before": write(with_spec(OLD, previous={"uid": "u"}), SAID, AGENT),
    "through the status": write(OLD, SAID, AGENT, subResource="status"),
    "in a policy": write(OLD, SAID, AGENT, resource={**APPROVALS, "resource": "approvalpolicies"}),
    "in another group": write(OLD, SAID, AGENT, resource={**APPROVALS, "group": "x.io"}),
    "at creation": write(OLD, SAID, AGENT, operation="CREATE", oldObject=None),
    "to an object without a spec": write({**OLD, "spec": None}, SAID, AGENT),
    "from an object without a spec": write(OLD, {**OLD, "spec": None}, AGENT),
    "to an empty object": write({}, SAID, AGENT),
    "to an approval without a requester": write(without(OLD, "requester"), without(SAID, "requester"), AGENT),
}


@pytest.mark.parametrize("name", GIVEN)
def test_is_taken(name: str) -> None:
    assert before_change(GIVEN[name], SETTINGS, POLICIES, NOW) == Verdict(Action.ALLOW, Reason.REASON_GIVEN)
    judgement = judge(GIVEN[name])
    assert (judgement.write, judgement.reason) == (Write.REASON, Reason.REASON_GIVEN)


@pytest.mark.parametrize("name", NOT_GIVEN)
def test_is_no_reason(name: str) -> None:
    assert not gives_reason(NOT_GIVEN[name], SETTINGS)


@pytest.mark.parametrize("name", [name for name in NOT_GIVEN if name != "in another group"])
def test_an_agent_is_refused(name: str) -> None:
    user = UserInfo(NOT_GIVEN[name].user.username, "", ("agents",))
    verdict = before_change(replace(NOT_GIVEN[name], user=user), SETTINGS, POLICIES, NOW)
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.NEVER_ALLOWED)


def test_a_person_gives_no_reason_for_an_agent() -> None:
    judgement = judge(write(OLD, SAID, BOB))
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert "the requester's reason" in judgement.sentence
