"""Writes to policies, as the guard sees them."""

from collections.abc import Mapping
from typing import Any

from kubeapprove.deciding import Judgement
from kubeapprove.identity import UserInfo
from kubeapprove.policyguard import judge_policy
from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from kubeapprove.settings import Settings
from tests.policies import scenes

KNOWN = Policies([scenes.policy(name="known")])
"""What is in force before the write."""
RENAMED = [{"kind": "Group", "name": "others"}]


def write(
    new: Mapping[str, Any] | None, old: Mapping[str, Any] | None = None, user: UserInfo = scenes.ALICE, **fields: Any
) -> Request:
    """Return the request that makes `new` of `old`: a creation without an old one, a deletion without a new one."""
    operation = "DELETE" if new is None else "CREATE" if old is None else "UPDATE"
    return scenes.request(
        operation,
        fields.pop("resource", "approvalpolicies"),
        group="kubeapprove.io",
        namespace="",
        name=((new or old) or {})["metadata"]["name"],
        user=user,
        object=new,
        oldObject=old,
    )


def judge(request: Request, policies: Policies | None = KNOWN, settings: Settings = scenes.SETTINGS) -> Judgement:
    """Return the guard's answer."""
    return judge_policy(request, settings, policies, scenes.NOW)
