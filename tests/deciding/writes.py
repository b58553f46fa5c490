"""Writes to an approval as the guard sees them, stamped or not."""

from datetime import datetime, timedelta
from typing import Any

from kubeapprove.deciding import Judgement, judge_write
from kubeapprove.identity import UserInfo
from kubeapprove.request import Request, read_request
from kubeapprove.ruling import Policies
from kubeapprove.stamping import stamp
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, NOW, POLICIES, SETTINGS

APPROVALS = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "manifestapprovals"}
ENTRY = {"for": scenes.APPROVAL_UID, "verdict": "Approved", "reason": "read it"}


def write(old: dict[str, Any], new: dict[str, Any], user: UserInfo = ALICE, **fields: Any) -> Request:
    """Return the UPDATE of an approval."""
    return read_request(
        {
            "uid": "write-1",
            "operation": "UPDATE",
            "resource": APPROVALS,
            "namespace": "default",
            "name": "m",
            "userInfo": user.as_dict(),
            "object": new,
            "oldObject": old,
            **fields,
        }
    )


def with_spec(approval: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the approval with some fields of its spec replaced."""
    return {**approval, "spec": {**approval["spec"], **fields}}


def without(approval: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Return the approval without some fields of its spec."""
    return {**approval, "spec": {key: value for key, value in approval["spec"].items() if key not in fields}}


def deciding(approval: dict[str, Any], *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the approval with entries added to its decisions, as `new-0`, `new-1` and so on."""
    decisions = {
        **approval["spec"].get("decisions", {}),
        **{f"new-{index}": entry for index, entry in enumerate(entries)},
    }
    return with_spec(approval, decisions=decisions, **more)


def judge(request: Request, now: datetime = NOW, policies: Policies | None = POLICIES) -> Judgement:
    """Judge a write as it is."""
    return judge_write(request, SETTINGS, policies, now)


def stamped(old: dict[str, Any], new: dict[str, Any], user: UserInfo = ALICE, now: datetime = NOW) -> dict[str, Any]:
    """Return what the stamp makes of a write."""
    return scenes.patched(new, stamp(write(old, new, user), now))


def send(
    old: dict[str, Any],
    new: dict[str, Any],
    user: UserInfo = ALICE,
    now: datetime = NOW,
    policies: Policies | None = POLICIES,
    later: timedelta = timedelta(0),
) -> Judgement:
    """Stamp a write, then judge it `later`, as the API server does it."""
    return judge(write(old, stamped(old, new, user, now), user), now + later, policies)
