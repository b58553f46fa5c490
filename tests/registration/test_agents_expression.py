"""The condition that brings agents to the gate: one term for each way to know them, and `false` where there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.registration import agents_expression
from tests.registration.scenes import AGENTS

USER = "request.userInfo"
ROLE = "arn:aws:iam::111122223333:role/agent"
HAS_ARN = f"has({USER}.extra) && 'canonicalArn' in {USER}.extra"
NO_NODE = f'!(has({USER}.username) && {USER}.username.startsWith("system:node:"))'
IS_ROLE = (
    '(a.startsWith("arn:aws:iam::111122223333:role/") && a.endsWith("/agent")) || '
    'a == "arn:aws:sts::111122223333:assumed-role/agent" || '
    'a.startsWith("arn:aws:sts::111122223333:assumed-role/agent/")'
)
GROUPS = '(has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["a", "b"]))'
CASES: dict[str, tuple[list[Agent], str]] = {
    "no agents": ([], "false"),
    "groups": ([Agent(AgentKind.GROUP, "a"), Agent(AgentKind.GROUP, "b")], GROUPS),
    "users": (
        [Agent(AgentKind.USER, "a"), Agent(AgentKind.USER, 'b" in ["')],
        '(has(request.userInfo.username) && request.userInfo.username in ["a", "b\\u0022 in \\u005b\\u0022"])',
    ),
    "a ServiceAccount": (
        [Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ci")],
        '(has(request.userInfo.username) && request.userInfo.username in ["system:serviceaccount:ci:bot"])',
    ),
    "a namespace's ServiceAccounts": (
        [Agent(AgentKind.SERVICE_ACCOUNT, "", "ci")],
        GROUPS.replace('"a", "b"', '"system:serviceaccounts:ci"'),
    ),
    "a role": (
        [Agent(AgentKind.IAM_ROLE, ROLE)],
        f"({HAS_ARN} && {NO_NODE} && {USER}.extra['canonicalArn'].exists(a, {IS_ROLE}))",
    ),
    "several ways": (
        [Agent(AgentKind.GROUP, "a"), Agent(AgentKind.USER, "u"), Agent(AgentKind.GROUP, "b")],
        GROUPS + ' || (has(request.userInfo.username) && request.userInfo.username in ["u"])',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_expression(name: str) -> None:
    agents, expression = CASES[name]
    assert agents_expression(agents) == expression


@given(st.permutations([*AGENTS, AGENTS[0]]))
def test_in_any_order_and_named_twice(agents: list[Agent]) -> None:
    """The operator compares what it renders with what is there: policies come in any order, and may name the same."""
    assert agents_expression(agents) == agents_expression(AGENTS)
