"""Requests, people and approvals, for the tests of the verdict and of the guard. All times are given, none is read."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from kubeapprove.change import build_change
from kubeapprove.hidden import Hiding
from kubeapprove.identity import Agent, AgentKind, People, UserInfo
from kubeapprove.policies import Approver, ApproverKind, RuleAction
from kubeapprove.request import Request, read_request
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Decision, ManifestApproval, format_time
from kubeapprove.ruling import Finding, Policies, Policy, Ruling
from kubeapprove.settings import Settings, read_settings
from kubeapprove.verdict import Asked, Verdict, decide

SETTINGS: Settings = read_settings(None)
AGENTS = (Agent(AgentKind.GROUP, "agents"),)
POLICIES = Policies([Policy("all", AGENTS)])
PEOPLE = POLICIES.people
ANYONE = Requirement()
"""One approval by anyone who holds the verb: what a policy without rules asks for."""
CLUSTER = "cluster-1"
HIDING = Hiding(b"a key of these tests alone, 32 b.")
APPROVAL_UID = "uid-of-the-approval"

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PENDING_UNTIL = NOW + 24 * HOUR

AGENT = UserInfo("agent@ai", "u-agent", ("agents", "system:authenticated"), {"from": ("certificate",)})
ALICE = UserInfo("alice", "u-alice", ("approvers", "system:authenticated"), {"from": ("oidc",)})
BOB = UserInfo("bob", "u-bob", ("approvers",))

OLD = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "default", "uid": "uid-of-a", "resourceVersion": "41"},
    "data": {"k": "old"},
}
NEW = {**OLD, "data": {"k": "new"}}
PODS = {"group": "", "version": "v1", "resource": "pods"}


def raw_user(user: UserInfo) -> dict[str, Any]:
    """Return a user as a review writes it."""
    return user.as_dict()


def request(**fields: Any) -> Request:
    """Return a request by the agent that updates a ConfigMap; `user` is a UserInfo, the rest is a review's."""
    user = fields.pop("user", AGENT)
    return read_request(
        {
            "uid": "request-1",
            "operation": "UPDATE",
            "resource": {"group": "", "version": "v1", "resource": "configmaps"},
            "namespace": "default",
            "name": "a",
            "userInfo": raw_user(user),
            "object": NEW,
            "oldObject": OLD,
            **fields,
        }
    )


def delete(**fields: Any) -> Request:
    """Return the agent's request to delete the ConfigMap."""
    return request(**{"operation": "DELETE", "object": None, **fields})


def create(**fields: Any) -> Request:
    """Return the agent's request to create the ConfigMap."""
    return request(**{"operation": "CREATE", "oldObject": None, **fields})


def connect(subresource: str, **options: Any) -> Request:
    """Return the agent's connection to a subresource of a pod."""
    return request(
        operation="CONNECT", resource=PODS, subResource=subresource, name="p", object=options, oldObject=None
    )


def with_metadata(obj: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Return the object with some of its metadata replaced."""
    return {**obj, "metadata": {**obj["metadata"], **metadata}}


def asked(
    of: Request | None = None, *requirements: Requirement, people: People = PEOPLE, cluster: str = CLUSTER
) -> Asked:
    """Return what the webhook would ask the verdict about this request, where policies ask for this."""
    of = request() if of is None else of
    change = build_change(of, cluster=cluster, hiding=HIDING)
    return Asked.of(of, change, ruling(*(requirements or (ANYONE,))), people)


def ruling(*requirements: Requirement) -> Ruling:
    """Return what policies say that ask for these approvals."""
    action = RuleAction.REQUIRE_APPROVAL
    return Ruling(action, tuple(Finding(one.policy, one.rule, action, one) for one in requirements))


def by_groups(*groups: str, **terms: Any) -> Requirement:
    """Return a requirement whose approvers are these groups."""
    return Requirement(approvers=tuple(Approver(kind=ApproverKind.GROUP, name=group) for group in groups), **terms)


def by_users(*users: str, **terms: Any) -> Requirement:
    """Return a requirement whose approvers are these usernames."""
    return Requirement(approvers=tuple(Approver(kind=ApproverKind.USER, name=user) for user in users), **terms)


def role(name: str, session: str = "", *, account: str = "111122223333", **fields: Any) -> UserInfo:
    """Return a session of an IAM role as EKS authenticates it: the username holds the session's name."""
    arn = f"arn:aws:iam::{account}:role/{name}"
    extra = {"canonicalArn": (arn,), "arn": (arn,), "sessionName": (session,)}
    return UserInfo(fields.pop("username", f"{name}:{session}"), extra=extra, **fields)


def decision(by: UserInfo = ALICE, at: datetime = NOW, uid: str = APPROVAL_UID, **fields: Any) -> dict[str, Any]:
    """Return a decision as the stamp leaves it: alice approves."""
    who = {"username": by.username, "uid": by.uid, "extra": {key: list(values) for key, values in by.extra.items()}}
    return {
        "for": uid,
        "verdict": "Approved",
        "reason": "read it",
        "by": who,
        "groups": list(by.groups),
        "at": format_time(at),
        **fields,
    }


def denied(by: UserInfo = ALICE, at: datetime = NOW, uid: str = APPROVAL_UID, **fields: Any) -> dict[str, Any]:
    """Return a refusal."""
    return decision(by, at, uid, **{"verdict": "Denied", "reason": "not today", **fields})


def revoked(by: UserInfo = ALICE, at: datetime = NOW) -> dict[str, Any]:
    """Return a revocation as the stamp leaves it."""
    return {"by": decision(by)["by"], "at": format_time(at), "reason": "changed my mind"}


def claim(**fields: Any) -> dict[str, Any]:
    """Return the mark of an earlier request."""
    return {"requestUID": "request-0", "at": format_time(NOW), "objectVersion": "41", **fields}


def raw_approval(of: Asked | None = None, *decisions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the approval of this change by its requester; keywords: `metadata`, `status`, everything else is spec."""
    of = asked() if of is None else of
    metadata, status = fields.pop("metadata", {}), fields.pop("status", {"phase": "Pending"})
    spec = {
        "manifestHash": of.change.hash,
        "change": of.change.text,
        "requester": raw_user(of.request.user),
        "pendingUntil": format_time(PENDING_UNTIL),
        **fields,
    }
    if decisions:
        spec["decisions"] = {f"d-{index}": entry for index, entry in enumerate(decisions)}
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ManifestApproval",
        "metadata": {"name": "m", "namespace": "default", "uid": APPROVAL_UID, "resourceVersion": "7", **metadata},
        "spec": spec,
        "status": status,
    }


def approval(of: Asked | None = None, *decisions: dict[str, Any], **fields: Any) -> ManifestApproval:
    """Return `raw_approval` as it is read."""
    return ManifestApproval.parse(raw_approval(of, *decisions, **fields))


def anyone(_: Decision) -> bool:
    """Say that everybody still holds the verb."""
    return True


def nobody(_: Decision) -> bool:
    """Say that nobody holds the verb any more."""
    return False


def judge(
    of: Asked,
    of_approval: ManifestApproval | None,
    now: datetime = NOW,
    may: Callable[[Decision], bool] = anyone,
) -> Verdict:
    """Return the verdict."""
    return decide(of, of_approval, may, now)


def patched(document: dict[str, Any], patch: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply a JSON patch of `add`s into maps (RFC 6902), as the API server does with the stamp's."""
    result = copy.deepcopy(document)
    for operation in patch:
        assert operation["op"] == "add", operation
        steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
        target = result
        for step in steps[:-1]:
            target = target[step]
        target[steps[-1]] = operation["value"]
    return result
