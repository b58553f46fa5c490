"""Who somebody is: the identity key of a requester, the same person behind two logins, agents and controllers."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from kubeapprove.strictjson import UnreadableError

CANONICAL_ARN = "canonicalArn"
SESSION_NAME = "sessionName"
_ROLE_ARN = re.compile(r"(arn:aws[a-z-]*):iam::([0-9]{12}):role/(?:[^/]+/)*([^/]+)")
_ASSUMED_ROLE_ARN = re.compile(r"(arn:aws[a-z-]*):sts::([0-9]{12}):assumed-role/([^/]+)(?:/[^/]+)?")
NODE = "system:node:"
CONTROLLER_PREFIXES = ("system:serviceaccount:", NODE, "system:kube-")
SERVICE_ACCOUNT_GROUP = "system:serviceaccounts:"


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The caller as the API server authenticated it (authentication.k8s.io/v1 UserInfo)."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def arns(self) -> tuple[str, ...]:
        """The IAM ARNs that the authenticator vouches for, roles in one form; at EKS none or one."""
        return tuple(role_arn(arn) or arn for arn in self.extra.get(CANONICAL_ARN, ()) if arn)

    def session(self) -> str:
        """The session's name as the authenticator tells it, empty where it tells none or several."""
        names = self.extra.get(SESSION_NAME, ())
        return names[0] if len(names) == 1 else ""

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


def role_arn(text: str) -> str | None:
    """Return the one form of an IAM role's ARN, `arn:aws:iam::<account>:role/<name>`; None where it is no role's.

    A session's ARN (`assumed-role/<name>/<session>`) names its role, and a path is left out: a role's name is unique
    in its account, and the authenticator does not see the path of a role that was assumed.
    """
    match = _ROLE_ARN.fullmatch(text) or _ASSUMED_ROLE_ARN.fullmatch(text)
    return None if match is None else f"{match[1]}:iam::{match[2]}:role/{match[3]}"


def _role(user: UserInfo) -> str | None:
    arns = user.arns()
    return role_arn(arns[0]) if len(arns) == 1 else None


def _named_session(user: UserInfo, named_roles: frozenset[str]) -> tuple[str, str] | None:
    """Return role and session where the identity provider, not the caller, names the sessions of that role."""
    role, session = _role(user), user.session()
    return (role, session) if role is not None and role in named_roles and session else None


def identity_key(user: UserInfo, named_roles: frozenset[str] = frozenset()) -> str:
    """Return whose approval it is: `arn:` + canonicalArn for an IAM role, else `user:` + username. Exact, never folded.

    A session's name is chosen by its caller, so two sessions of one role are one requester; but for `named_roles`,
    whose session names the identity provider sets: there the name follows the ARN (which holds no space).
    """
    if (named := _named_session(user, named_roles)) is not None:
        return f"arn:{named[0]} {named[1]}"
    role = _role(user)
    return "user:" + user.username if role is None else "arn:" + role


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def same_person(one: UserInfo, other: UserInfo, named_roles: frozenset[str] = frozenset()) -> bool:
    """Whether two logins are one person: usernames (NFKC, case-folded), non-empty uids, or canonical ARNs agree.

    Two sessions of one of `named_roles` are one person only where the sessions' names agree: all that is else is the
    role's. Errs towards yes: it is used to exclude the requester and to count a quorum.
    """
    first, second = _named_session(one, named_roles), _named_session(other, named_roles)
    if first is not None and second is not None and first[0] == second[0]:
        return _folded(first[1]) == _folded(second[1])
    return (
        _folded(one.username) == _folded(other.username)
        or (one.uid != "" and one.uid == other.uid)
        or not set(one.arns()).isdisjoint(other.arns())
    )


def is_controller(user: UserInfo) -> bool:
    """Whether the caller is machinery that must never decide: ServiceAccounts, nodes, control-plane components."""
    return user.username.startswith(CONTROLLER_PREFIXES) or any(
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
    """One line of the list of agents. For a ServiceAccount `namespace` is set, and an empty name means all of it.

    `owner` is the person it works for, by username or ARN; after `until` it is still an agent, and refused.
    """

    kind: AgentKind
    name: str
    namespace: str = ""
    owner: str = ""
    until: datetime | None = None

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
                # At EKS a kubelet has a role too, and gating its status would take the node away.
                return not user.username.startswith(NODE) and (role_arn(self.name) or self.name) in user.arns()
            case _:
                assert_never(self.kind)


def is_agent(user: UserInfo, agents: Iterable[Agent]) -> bool:
    """Whether any line names the caller; membership of `system:masters` changes nothing."""
    return any(agent.matches(user) for agent in agents)


@dataclass(frozen=True, slots=True)
class People:
    """Who is who today: the agents of every policy, and the roles whose session names the identity provider sets."""

    agents: tuple[Agent, ...] = ()
    named_roles: frozenset[str] = frozenset()
    _folded_users: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare what decisions are compared with."""
        users = frozenset(_folded(agent.name) for agent in self.agents if agent.kind is AgentKind.USER)
        object.__setattr__(self, "_folded_users", users)

    def is_agent(self, user: UserInfo) -> bool:
        """Whether any policy names somebody, also one that is invalid or has ended, or their username in other letters.

        For who decides: who is sent to the gate is said by the letter.
        """
        return is_agent(user, self.agents) or _folded(user.username) in self._folded_users

    def key(self, user: UserInfo) -> str:
        """Whose approval it is."""
        return identity_key(user, self.named_roles)

    def same(self, one: UserInfo, other: UserInfo) -> bool:
        """Whether two logins are one person."""
        return same_person(one, other, self.named_roles)

    def owners(self, agent: UserInfo) -> tuple[str, ...]:
        """Return for whom an agent works, by what policies say, each once."""
        return tuple(dict.fromkeys(line.owner for line in self.agents if line.owner and line.matches(agent)))

    def owns(self, person: UserInfo, agent: UserInfo) -> bool:
        """Whether an agent works for this person, by what any policy says."""
        return any(self.same(person, _owner(line.owner)) for line in self.agents if line.owner and line.matches(agent))


def _owner(name: str) -> UserInfo:
    return UserInfo(name, extra={CANONICAL_ARN: (name,)} if name.startswith("arn:") else {})
