"""C061: every form of a role's ARN is one role; sessions are one identity, but for roles whose sessions the IdP names."""

import pytest

from kubeapprove.identity import Agent, AgentKind, People, UserInfo, identity_key, role_arn, same_person

ROLE = "arn:aws:iam::111122223333:role/agent"
FORMS: dict[str, tuple[str, str | None]] = {
    "a role": (ROLE, ROLE),
    "with a path": ("arn:aws:iam::111122223333:role/teams/ai/agent", ROLE),
    "a session": ("arn:aws:sts::111122223333:assumed-role/agent/s-1", ROLE),
    "a session without its name": ("arn:aws:sts::111122223333:assumed-role/agent", ROLE),
    "another partition": ("arn:aws-cn:sts::111122223333:assumed-role/agent/s", ROLE.replace("aws", "aws-cn", 1)),
    "a reserved role with a path": (
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef",
        "arn:aws:iam::111122223333:role/AWSReservedSSO_Ops_0123456789abcdef",
    ),
    "a user": ("arn:aws:iam::111122223333:user/agent", None),
    "a federated user": ("arn:aws:sts::111122223333:federated-user/agent", None),
    "no name": ("arn:aws:iam::111122223333:role/", None),
    "no account": ("arn:aws:iam:::role/agent", None),
    "a word before": ("x" + ROLE, None),
    "a line after": (ROLE + "/\n", "arn:aws:iam::111122223333:role/\n"),
    "nothing": ("", None),
}


@pytest.mark.parametrize("name", FORMS)
def test_one_form(name: str) -> None:
    text, expected = FORMS[name]
    assert role_arn(text) == expected


def session(arn: str = ROLE, name: str = "s-1", *more: str, username: str = "") -> UserInfo:
    return UserInfo(username or f"agent:{name}", "AROA", (), {"canonicalArn": (arn,), "sessionName": (name, *more)})


NAMED = frozenset({ROLE})
KEYS: dict[str, tuple[UserInfo, str, str]] = {
    "a session": (session(), f"arn:{ROLE}", f"arn:{ROLE} s-1"),
    "in another form": (session("arn:aws:iam::111122223333:role/x/agent"), f"arn:{ROLE}", f"arn:{ROLE} s-1"),
    "in other letters": (session(name="S-1"), f"arn:{ROLE}", f"arn:{ROLE} S-1"),
    "without a name": (session(name=""), f"arn:{ROLE}", f"arn:{ROLE}"),
    "with two names": (session(ROLE, "a", "b"), f"arn:{ROLE}", f"arn:{ROLE}"),
    "of another role": (session(ROLE + "2"), f"arn:{ROLE}2", f"arn:{ROLE}2"),
}


@pytest.mark.parametrize("name", KEYS)
def test_whose_approval_it_is(name: str) -> None:
    user, unnamed, named = KEYS[name]
    assert (identity_key(user), identity_key(user, NAMED)) == (unnamed, named)
    assert People((), NAMED).key(user) == named


def test_two_sessions_of_a_named_role_are_two_people() -> None:
    one, other = session(name="alice", username="ops"), session(name="bob", username="ops")
    assert same_person(one, other)
    assert not same_person(one, other, NAMED)
    assert same_person(one, session(name="ALICE", username="x"), NAMED)


def test_a_named_session_and_another_login_are_compared_as_ever() -> None:
    one = session(name="alice", username="alice")
    assert same_person(one, UserInfo("Alice"), NAMED)
    assert same_person(one, session(ROLE + "2", "bob"), NAMED), "one uid"
    assert not same_person(one, UserInfo("bob", "u"), NAMED)


AGENTS: dict[str, tuple[str, str, bool]] = {
    "as it is listed": (ROLE, ROLE, True),
    "listed with its path": ("arn:aws:iam::111122223333:role/teams/agent", ROLE, True),
    "listed by a session": ("arn:aws:sts::111122223333:assumed-role/agent/s-9", ROLE, True),
    "seen with its path": (ROLE, "arn:aws:iam::111122223333:role/teams/agent", True),
    "of another account": (ROLE, ROLE.replace("1111", "4444"), False),
    "of another name": (ROLE, ROLE + "2", False),
    "what is no role's ARN, literally": ("arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/a", True),
}


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_by_its_role(name: str) -> None:
    listed, seen, expected = AGENTS[name]
    assert Agent(AgentKind.IAM_ROLE, listed).matches(session(seen)) == expected
    assert not Agent(AgentKind.IAM_ROLE, listed).matches(UserInfo(listed, "", (listed,)))
