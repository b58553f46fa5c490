"""Whose approval it is, who is the same person, and who is an agent or a controller."""

import pytest

from kubeapprove.identity import Agent, AgentKind, UserInfo, identity_key, is_agent, is_controller, same_person

ROLE = "arn:aws:iam::123456789012:role/agent"


def user(name: str = "u", uid: str = "", groups: tuple[str, ...] = (), arns: tuple[str, ...] = ()) -> UserInfo:
    return UserInfo(name, uid, groups, {"canonicalArn": arns, "sessionName": ("chosen",)})


KEYS: dict[str, tuple[UserInfo, str]] = {
    "a user": (user("alice"), "user:alice"),
    "exact, never folded": (user("Alice"), "user:Alice"),
    "a role": (user("x:s1", arns=(ROLE,)), f"arn:{ROLE}"),
    "a role of another partition": (
        user(arns=(ROLE.replace("aws", "aws-us-gov"),)),
        f"arn:{ROLE.replace('aws', 'aws-us-gov')}",
    ),
    "two ARNs are no identity": (user(arns=(ROLE, ROLE + "2")), "user:u"),
    "an IAM user": (user(arns=("arn:aws:iam::123456789012:user/bob",)), "user:u"),
    "a session's ARN names its role": (user(arns=("arn:aws:sts::123456789012:assumed-role/agent/s",)), f"arn:{ROLE}"),
    "a role's path is left out": (user(arns=("arn:aws:iam::123456789012:role/teams/ai/agent",)), f"arn:{ROLE}"),
    "no ARN of IAM": (user(arns=("arn:aws:s3:::bucket",)), "user:u"),
    "an empty ARN": (user(arns=("",)), "user:u"),
    "a username that looks like an ARN": (user(f"arn:{ROLE}"), f"user:arn:{ROLE}"),
}


@pytest.mark.parametrize(("who", "key"), KEYS.values(), ids=KEYS)
def test_identity_key(who: UserInfo, key: str) -> None:
    assert identity_key(who) == key


PEOPLE: dict[str, tuple[UserInfo, UserInfo, bool]] = {
    "one username": (user("a"), user("a", uid="1"), True),
    "capitals": (user("Alice"), user("alice"), True),
    "full-width letters": (user("alice"), user("\uff41lice"), True),
    "a sharp s": (user("strasse"), user("straße"), True),
    "one uid": (user("a", uid="1"), user("b", uid="1"), True),
    "one ARN": (user("a", arns=(ROLE,)), user("b", arns=(ROLE, "x")), True),
    "no uid is nobody's": (user("a"), user("b"), False),
    "no ARN is nobody's": (user("a", arns=("",)), user("b", arns=("",)), False),
    "one group": (user("a", groups=("g",)), user("b", groups=("g",)), False),
}


@pytest.mark.parametrize(("one", "other", "same"), PEOPLE.values(), ids=PEOPLE)
def test_same_person(one: UserInfo, other: UserInfo, same: bool) -> None:
    assert same_person(one, other) == same
    assert same_person(other, one) == same


CONTROLLERS: dict[str, tuple[UserInfo, bool]] = {
    "a ServiceAccount": (user("system:serviceaccount:a:b"), True),
    "a node": (user("system:node:n1"), True),
    "the scheduler": (user("system:kube-scheduler"), True),
    "by the group of all ServiceAccounts": (user("x", groups=("system:serviceaccounts",)), True),
    "by the group of a namespace": (user("x", groups=("system:serviceaccounts:a",)), True),
    "by the group of nodes": (user("x", groups=("system:nodes",)), True),
    "a person": (user("alice", groups=("system:masters", "system:authenticated")), False),
    "a name that only contains it": (user("alice:system:node:"), False),
}


@pytest.mark.parametrize(("who", "expected"), CONTROLLERS.values(), ids=CONTROLLERS)
def test_is_controller(who: UserInfo, expected: bool) -> None:
    assert is_controller(who) == expected


BOT = user("system:serviceaccount:ns:bot", groups=("system:serviceaccounts:ns", "agents"), arns=(ROLE,))
AGENTS: dict[str, tuple[Agent, bool]] = {
    "group": (Agent(AgentKind.GROUP, "agents"), True),
    "another group": (Agent(AgentKind.GROUP, "agent"), False),
    "user": (Agent(AgentKind.USER, "system:serviceaccount:ns:bot"), True),
    "another user": (Agent(AgentKind.USER, "bot"), False),
    "ServiceAccount": (Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ns"), True),
    "of another namespace": (Agent(AgentKind.SERVICE_ACCOUNT, "bot", "other"), False),
    "all of a namespace": (Agent(AgentKind.SERVICE_ACCOUNT, "", "ns"), True),
    "all of another namespace": (Agent(AgentKind.SERVICE_ACCOUNT, "", "n"), False),
    "role": (Agent(AgentKind.IAM_ROLE, ROLE), True),
    "another role": (Agent(AgentKind.IAM_ROLE, ROLE + "2"), False),
}


@pytest.mark.parametrize(("agent", "expected"), AGENTS.values(), ids=AGENTS)
def test_is_agent(agent: Agent, expected: bool) -> None:
    assert agent.matches(BOT) == expected
    assert is_agent(BOT, [Agent(AgentKind.USER, "nobody"), agent]) == expected


def test_as_it_is_stored() -> None:
    assert UserInfo("a", "1", ("g",), {"z": ("1",), "b": ()}).as_dict() == {
        "username": "a",
        "uid": "1",
        "groups": ["g"],
        "extra": {"b": [], "z": ["1"]},
    }
