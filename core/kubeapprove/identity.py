"""Who somebody is: the identity key of a requester, the same person behind two logins, agents and controllers."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from kubeapprove.strictjson import UnreadableError

CANONICAL_ARN = "canonicalArn"
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_CONTROLLER_PREFIXES = ("system:serviceaccount:", "system:node:", "system:kube-")
SERVICE_ACCOUNT_GROUP = "system:serviceaccounts:"


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The caller as the API server authenticated it (authentication.k8s.io/v1 UserInfo)."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def arns(self) -> tuple[str, ...]:
        """The canonical IAM ARNs that the authenticator vouches for; at EKS none or one."""
        return tuple(arn for arn in self.extra.get(CANONICAL_ARN, ()) if arn)

    def as_dict(self) -> dict[str, Any]:
        """As UserInfo in JSON, empty parts included: what is stored as `spec.requester`."""
        return {
            "username": self.username,
            "uid": self.uid,
            "groups": list(self.groups),
            "extra": {key: list(values) for key, values in sorted(self.extra.items())},
        }


def read_user_info(raw: Any) -> UserInfo:
    """Read a review's `userInfo`; raises UnreadableError where a part has the wrong type. Absent parts are empty."""
    if type(raw) is not dict:
        raise UnreadableError("userInfo is not an object")
    username, uid = raw.get("username", ""), raw.get("uid", "")
    groups, extra = raw.get("groups") or [], raw.get("extra") or {}
    if type(username) is not str or type(uid) is not str or not _strings(groups) or type(extra) is not dict:
        raise UnreadableError("userInfo has a part of the wrong type")
    if not all(_strings(values) for values in extra.values()):
        raise UnreadableError("userInfo.extra is not a map of lists of strings")
    return UserInfo(username, uid, tuple(groups), {key: tuple(values) for key, values in extra.items()})


def _strings(value: Any) -> bool:
    return type(value) is list and all(type(item) is str for item in value)


def is_role_arn(text: str) -> bool:
    """Whether a text is an IAM role's ARN, in the form that the authenticator calls canonical."""
    return _ROLE_ARN.fullmatch(text) is not None


def identity_key(user: UserInfo) -> str:
    """Return whose approval it is: `arn:` + canonicalArn for an IAM role, else `user:` + username. Exact, never folded.

    A session name is chosen by its caller, so two sessions of one role are one requester.
    """
    arns = user.arns()
    if len(arns) == 1 and is_role_arn(arns[0]):
        return "arn:" + arns[0]
    return "user:" + user.username


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def same_person(one: UserInfo, other: UserInfo) -> bool:
    """Whether two logins are one person: usernames (NFKC, case-folded), non-empty uids, or canonical ARNs agree.

    Errs towards yes: it is used to exclude the requester and to count a quorum.
    """
    return (
        _folded(one.username) == _folded(other.username)
        or (one.uid != "" and one.uid == other.uid)
        or not set(one.arns()).isdisjoint(other.arns())
    )


def is_controller(user: UserInfo) -> bool:
    """Whether the caller is machinery that must never decide: ServiceAccounts, nodes, control-plane components."""
    return user.username.startswith(_CONTROLLER_PREFIXES) or any(
        group in ("system:nodes", "system:serviceaccounts") or group.startswith(SERVICE_ACCOUNT_GROUP)
        for group in user.groups
    )


class AgentKind(StrEnum):
    """How an agent is recognised."""

    GROUP = "Group"
    USER = "User"
    SERVICE_ACCOUNT = "ServiceAccount"
    IAM_ROLE = "IAMRole"


@dataclass(frozen=True, slots=True)
class Agent:
    """One line of the list of agents. For a ServiceAccount `namespace` is set, and an empty name means all of it."""

    kind: AgentKind
    name: str
    namespace: str = ""

    def matches(self, user: UserInfo) -> bool:
        """Whether this line names the caller. Literal comparison, as the registration's CEL does it."""
        match self.kind:
            case AgentKind.GROUP:
                return self.name in user.groups
            case AgentKind.USER:
                return user.username == self.name
            case AgentKind.SERVICE_ACCOUNT if self.name:
                return user.username == f"system:serviceaccount:{self.namespace}:{self.name}"
            case AgentKind.SERVICE_ACCOUNT:
                return SERVICE_ACCOUNT_GROUP + self.namespace in user.groups
            case AgentKind.IAM_ROLE:
                return self.name in user.arns()
            case _:
                assert_never(self.kind)


def is_agent(user: UserInfo, agents: Iterable[Agent]) -> bool:
    """Whether any line names the caller; membership of `system:masters` changes nothing."""
    return any(agent.matches(user) for agent in agents)
