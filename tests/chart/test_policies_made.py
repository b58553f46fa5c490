"""What the chart makes of `agents` and `approvers` is a policy that the gate takes, and so is its test's."""

from typing import Any

import pytest
import yaml

from kubeapprove.policycheck import read_policy
from kubeapprove.requirements import Requirement
from kubeapprove.ruling import Policy
from kubeapprove.settings import read_settings
from tests.chart.helm import EVERYTHING, SYSTEM, only, render


def policies(values: dict[str, Any]) -> dict[str, Policy]:
    objects = render(values)
    settings = read_settings(
        yaml.safe_load(only(objects, "ConfigMap", "kubeapprove-settings")["data"]["settings.yaml"])
    )
    return {one["metadata"]["name"]: read_policy(one, settings) for one in objects if one["kind"] == "ApprovalPolicy"}


def test_agents_and_approvers_make_the_first_policy() -> None:
    policy = policies(dict(EVERYTHING))["kubeapprove"]
    assert policy.problem == ""
    assert [str(agent.kind) for agent in policy.agents] == [agent["kind"] for agent in EVERYTHING["agents"]]
    (rule,) = policy.rules
    assert isinstance(rule.requirement, Requirement)
    assert rule.requirement.count == 1
    assert len(rule.requirement.approvers or ()) == 2


def test_agents_alone_need_one_who_holds_the_verb() -> None:
    policy = policies({"agents": [{"kind": "Group", "name": "ai-agents"}]})["kubeapprove"]
    assert policy.problem == ""
    assert policy.rules == ()


def test_without_agents_there_is_no_policy() -> None:
    assert set(policies({})) == {"kubeapprove-sneak"}


@pytest.mark.parametrize("values", [{}, {"approvalsNamespace": "elsewhere"}])
def test_policy_of_helm_test_can_be_used(values: dict[str, Any]) -> None:
    policy = policies(values)["kubeapprove-sneak"]
    assert policy.problem == ""
    (agent,) = policy.agents
    assert agent.namespace == values.get("approvalsNamespace", "kubeapprove-approvals")


def test_settings_are_read_and_name_the_release() -> None:
    objects = render(EVERYTHING, "elsewhere")
    document = yaml.safe_load(only(objects, "ConfigMap", "kubeapprove-settings")["data"]["settings.yaml"])
    settings = read_settings(document)
    assert (settings.system_namespace, settings.approvals_namespace) == ("elsewhere", "kubeapprove-approvals")
    assert settings.max_pending == 5
    assert read_settings({"systemNamespace": SYSTEM}) == read_settings(
        yaml.safe_load(only(render(), "ConfigMap", "kubeapprove-settings")["data"]["settings.yaml"])
    )
