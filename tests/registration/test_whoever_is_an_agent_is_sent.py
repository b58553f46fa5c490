"""Whoever a policy names is brought to the gate: the API server's CEL says yes wherever `Agent.matches` does.

The other way round it errs for roles alone, towards the gate: there `NotEnrolled` is the answer. CEL is evaluated by the
library of policies' conditions, on the same `request.userInfo`.
"""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubeapprove.cel import Facts, compile_condition
from kubeapprove.identity import Agent, AgentKind, UserInfo, is_agent
from kubeapprove.registration import agents_expression

ACCOUNT = "arn:aws:iam::111122223333"
ROLE = f"{ACCOUNT}:role/agent"
SESSION = "arn:aws:sts::111122223333:assumed-role/agent"


def is_sent(user: Mapping[str, Any], *agents: Agent) -> bool:
    """Say whether the API server would send this caller's changes to the gate."""
    return compile_condition(agents_expression(agents)).holds(Facts({}, None, None, {"userInfo": user}))


def role(*arns: str) -> UserInfo:
    """Return a caller for whom the authenticator vouches with these ARNs."""
    return UserInfo("anybody", extra={"canonicalArn": arns})


AS_ARN = {
    "the role": ROLE,
    "the role with a path": f"{ACCOUNT}:role/team/ai/agent",
    "a session": f"{SESSION}/i-0123",
    "a session without its name": SESSION,
}
NAMED = {"by its ARN": ROLE, "with a path": f"{ACCOUNT}:role/other/agent", "by a session": f"{SESSION}/x"}
STRANGERS = {
    "a longer name": f"{ACCOUNT}:role/my-agent",
    "a longer name in a session": f"{SESSION}s/i-0123",
    "another account": "arn:aws:iam::444455556666:role/agent",
    "another partition": "arn:aws-cn:iam::111122223333:role/agent",
    "a user": f"{ACCOUNT}:user/agent",
    "another role's session of this name": "arn:aws:sts::111122223333:assumed-role/other/agent",
    "a path of this name": f"{ACCOUNT}:role/agent/other",
    "nothing": "",
}


@pytest.mark.parametrize("caller", AS_ARN)
@pytest.mark.parametrize("named", NAMED)
def test_a_role_in_each_of_its_forms(named: str, caller: str) -> None:
    agent, user = Agent(AgentKind.IAM_ROLE, NAMED[named]), role(AS_ARN[caller])
    assert agent.matches(user)
    assert is_sent(user.as_dict(), agent)


@pytest.mark.parametrize("caller", STRANGERS)
def test_other_roles_are_left_alone(caller: str) -> None:
    agent, user = Agent(AgentKind.IAM_ROLE, ROLE), role(STRANGERS[caller])
    assert not agent.matches(user)
    assert not is_sent(user.as_dict(), agent)


EMPTY: dict[str, dict[str, Any]] = {
    "nothing at all": {},
    "no groups": {"username": "x", "extra": {}},
    "no extra": {"username": "x", "groups": []},
    "another extra": {"username": "x", "groups": ["y"], "extra": {"arn": [ROLE]}},
    "no ARN": {"username": "x", "extra": {"canonicalArn": []}},
}
KINDS = (
    Agent(AgentKind.GROUP, "g"),
    Agent(AgentKind.USER, "u"),
    Agent(AgentKind.IAM_ROLE, ROLE),
    Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ci"),
)


@pytest.mark.parametrize("caller", EMPTY)
def test_the_condition_answers_for_whatever_is_left_out(caller: str) -> None:
    """An error of it would refuse everybody, people included."""
    assert not is_sent(EMPTY[caller], *KINDS)
    for agent in KINDS:
        assert not is_sent(EMPTY[caller], agent)


# What the library of conditions reads: no NUL, no half surrogate pairs. C031 covers those in literals.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=6)
PART = st.sampled_from(["a", "b", "agent", "role"]) | TEXT.filter(lambda text: "/" not in text)
NUMBERS = st.sampled_from(["111122223333", "444455556666"])
PARTITIONS = st.sampled_from(["aws", "aws-cn", "aws-us-gov"])
ROLES = st.builds(
    lambda partition, number, path, name: f"arn:{partition}:iam::{number}:role/{'/'.join([*path, name])}",
    PARTITIONS, NUMBERS, st.lists(PART, max_size=2), PART,
)  # fmt: skip
SESSIONS = st.builds(
    lambda partition, number, parts: f"arn:{partition}:sts::{number}:assumed-role/{'/'.join(parts)}",
    PARTITIONS, NUMBERS, st.lists(PART, min_size=1, max_size=2),
)  # fmt: skip
ARNS = ROLES | SESSIONS | TEXT
NAMES = st.sampled_from(["a", "b", "system:serviceaccount:a:b", "system:serviceaccounts:a"]) | TEXT
AGENTS = (
    st.builds(Agent, st.sampled_from([AgentKind.GROUP, AgentKind.USER]), NAMES)
    | st.builds(Agent, st.just(AgentKind.SERVICE_ACCOUNT), st.sampled_from(["", "a", "b"]), st.sampled_from(["a", "b"]))
    | st.builds(Agent, st.just(AgentKind.IAM_ROLE), ARNS)
)
USERS = st.builds(
    UserInfo,
    NAMES,
    groups=st.lists(NAMES, max_size=3).map(tuple),
    extra=st.dictionaries(st.just("canonicalArn") | TEXT, st.lists(ARNS, max_size=2).map(tuple), max_size=2),
)


def _spelled(agent: Agent) -> list[UserInfo]:
    """Return callers whom this line names."""
    match agent.kind:
        case AgentKind.GROUP:
            return [UserInfo("x", groups=("y", agent.name))]
        case AgentKind.USER:
            return [UserInfo(agent.name)]
        case AgentKind.SERVICE_ACCOUNT:
            username = f"system:serviceaccount:{agent.namespace}:{agent.name or 'any'}"
            return [UserInfo(username, groups=(f"system:serviceaccounts:{agent.namespace}",))]
        case AgentKind.IAM_ROLE:
            return [role(agent.name), role("other", agent.name)]


@settings(max_examples=150, deadline=None)
@given(agents=st.lists(AGENTS, min_size=1, max_size=3), user=USERS)
@example(agents=[Agent(AgentKind.IAM_ROLE, "no ARN")], user=role("no ARN"))
def test_whoever_matches_is_sent(agents: list[Agent], user: UserInfo) -> None:
    callers = [user, *(caller for agent in agents for caller in _spelled(agent))]
    assert is_agent(callers[-1], agents)
    for caller in callers:
        if is_agent(caller, agents):
            assert is_sent(caller.as_dict(), *agents)
        elif all(agent.kind is not AgentKind.IAM_ROLE for agent in agents):
            assert not is_sent(caller.as_dict(), *agents)


def test_all_kinds_together_in_any_order() -> None:
    for agents in permutations(KINDS):
        assert [is_sent(caller.as_dict(), *agents) for agent in KINDS for caller in _spelled(agent)] == [True] * 5
        assert not is_sent(UserInfo("h", groups=("u",)).as_dict(), *agents)
