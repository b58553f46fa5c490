"""Who may be an agent: refused at write, and no agent either where it is stored all the same.

Gating the cluster's own components would stop the cluster; gating our ServiceAccounts would have the gate wait for
itself.
"""

from typing import Any

import pytest

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.policycheck import MAX_TOTAL_AGENTS, check_total, read_policy
from kubeapprove.ruling import Policy
from kubeapprove.settings import read_settings
from tests.policies import scenes

ROLE = "arn:aws:iam::111122223333:role/agent"
NEVER: dict[str, tuple[dict[str, Any], str]] = {
    "cluster-admins": ({"kind": "Group", "name": "system:masters"}, "begin with system: are the cluster's own"),
    "everybody": ({"kind": "Group", "name": "system:authenticated"}, "begin with system:"),
    "nobody": ({"kind": "Group", "name": "system:unauthenticated"}, "begin with system:"),
    "nodes": ({"kind": "Group", "name": "system:nodes"}, "begin with system:"),
    "one node": ({"kind": "User", "name": "system:node:a"}, "begin with system:"),
    "the scheduler": ({"kind": "User", "name": "system:kube-scheduler"}, "begin with system:"),
    "all ServiceAccounts": ({"kind": "Group", "name": "system:serviceaccounts"}, "begin with system:"),
    "a ServiceAccount as user": (
        {"kind": "User", "name": "system:serviceaccount:ci:deployer"},
        "for ServiceAccounts write kind: ServiceAccount with namespace and name",
    ),
    "kube-system's ServiceAccounts": ({"kind": "ServiceAccount", "namespace": "kube-system"}, "run the cluster"),
    "one of kube-system": ({"kind": "ServiceAccount", "namespace": "kube-system", "name": "coredns"}, "run the clus"),
    "kube-system's as a group": ({"kind": "Group", "name": "system:serviceaccounts:kube-system"}, "run the cluster"),
    "our own": ({"kind": "ServiceAccount", "namespace": "kubeapprove-system"}, "our own ServiceAccounts are never"),
    "one of our own": (
        {"kind": "ServiceAccount", "namespace": "kubeapprove-system", "name": "kubeapprove-operator"},
        "our own ServiceAccounts are never agents",
    ),
    "our own as a group": ({"kind": "Group", "name": "system:serviceaccounts:kubeapprove-system"}, "our own"),
    "a ServiceAccount nowhere": ({"kind": "ServiceAccount", "name": "s"}, "a ServiceAccount needs a namespace"),
    "a group of ServiceAccounts nowhere": ({"kind": "Group", "name": "system:serviceaccounts:"}, "matches nobody"),
    "a group in a namespace": ({"kind": "Group", "name": "g", "namespace": "n"}, "nothing else has one"),
    "a group without a name": ({"kind": "Group"}, "name whom you mean: an empty name matches nobody"),
    "a role by its name": ({"kind": "IAMRole", "name": "agent"}, "name the role by its ARN"),
    "an IAM user": ({"kind": "IAMRole", "name": "arn:aws:iam::111122223333:user/a"}, "name the role by its ARN"),
}
FINE: dict[str, dict[str, Any]] = {
    "a group": {"kind": "Group", "name": "agents"},
    "a user": {"kind": "User", "name": "agent:release-bot"},
    "a ServiceAccount": {"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"},
    "all of a namespace": {"kind": "ServiceAccount", "namespace": "ci"},
    "all of a namespace as a group": {"kind": "Group", "name": "system:serviceaccounts:ci"},
    "a role": {"kind": "IAMRole", "name": ROLE},
    "a role with a path": {"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/team/agent"},
    "a session of a role": {"kind": "IAMRole", "name": "arn:aws:sts::111122223333:assumed-role/agent/session"},
    "a role of another partition": {"kind": "IAMRole", "name": "arn:aws-cn:iam::111122223333:role/agent"},
}


@pytest.mark.parametrize("scenario", NEVER)
def test_never(scenario: str) -> None:
    entry, said = NEVER[scenario]
    policy = read_policy(scenes.raw(agents=[scenes.GROUP, entry]), scenes.SETTINGS)
    assert policy.problem.startswith("spec.agents[1]: ")
    assert said in policy.problem
    assert [agent.name for agent in policy.agents] == ["agents"]


@pytest.mark.parametrize("scenario", FINE)
def test_fine(scenario: str) -> None:
    policy = read_policy(scenes.raw(agents=[FINE[scenario]]), scenes.SETTINGS)
    assert (policy.problem, len(policy.agents)) == ("", 1)


def test_our_own_are_those_of_the_settings() -> None:
    settings = read_settings({"systemNamespace": "gate"})
    ours, others = ({"kind": "ServiceAccount", "namespace": name} for name in ("gate", "kubeapprove-system"))
    assert "our own" in read_policy(scenes.raw(agents=[ours]), settings).problem
    assert read_policy(scenes.raw(agents=[others]), settings).problem == ""


def test_the_same_twice() -> None:
    for again in (scenes.GROUP, {**scenes.GROUP, "owner": "alice"}):
        assert scenes.problem(agents=[scenes.GROUP, again]) == (
            "spec.agents[1]: it is named twice; say owner and until once"
        )


def test_the_same_role_in_two_notations() -> None:
    again = FINE["a session of a role"]
    assert "named twice" in scenes.problem(agents=[FINE["a role"], again])


@pytest.mark.parametrize("owner", ["system:serviceaccount:ci:bot", "system:admin"])
def test_an_owner_is_a_person(owner: str) -> None:
    assert scenes.problem(agents=[{**scenes.GROUP, "owner": owner}]) == (
        "spec.agents[0].owner: an owner is a person; name them by username, or by an IAM ARN"
    )


@pytest.mark.parametrize("owner", ["alice@example.com", "arn:aws:iam::111122223333:role/alice"])
def test_owners_by_username_and_by_arn(owner: str) -> None:
    (agent,) = scenes.policy(agents=[{**scenes.GROUP, "owner": owner}]).agents
    assert agent.owner == owner


def test_an_agent_is_read_with_all_that_is_said_of_it() -> None:
    (agent,) = scenes.policy(
        agents=[
            {
                "kind": "ServiceAccount",
                "namespace": "ci",
                "name": "deployer",
                "owner": "alice",
                "until": "2026-01-31T10:00:00+01:00",
            }
        ]
    ).agents
    assert agent == Agent(AgentKind.SERVICE_ACCOUNT, "deployer", "ci", "alice", scenes.NOW)


def users(count: int, start: int = 0) -> tuple[Agent, ...]:
    return tuple(Agent(AgentKind.USER, f"u{number}") for number in range(start, start + count))


def test_all_policies_together_name_only_so_many() -> None:
    most = [Policy("a", users(MAX_TOTAL_AGENTS // 2)), Policy("b", users(MAX_TOTAL_AGENTS // 2, 32))]
    assert check_total(most) is None
    assert check_total([*most, Policy("c", users(3))]) is None  # named already
    sentence = check_total([*most, Policy("c", users(1, 99))])
    assert sentence is not None
    assert "all policies together would name 65 agents, and 64 is the most" in sentence
    assert "name a group" in sentence


def test_all_names_together_are_only_so_long() -> None:
    """The registration escapes what is no plain letter; one that the API server cannot read would gate nobody new."""
    assert check_total([Policy("a", named("a" * 256))]) is None
    sentence = check_total([Policy("a", named("\U0001f916" * 256))])
    assert sentence == (
        "the agents of all policies together have longer names than the API server can match: name fewer of them"
    )


def named(name: str) -> tuple[Agent, ...]:
    return tuple(Agent(AgentKind.GROUP, f"{name[2:]}{number:02}") for number in range(MAX_TOTAL_AGENTS))
