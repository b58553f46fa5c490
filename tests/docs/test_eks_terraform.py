"""docs/eks/terraform: whatever it names exists, the chart takes its values, and its agent gets nothing around the gate."""

import json
import re
from typing import Any, Final

import pytest
import yaml

from tests.chart.helm import CHART, SYSTEM, only, pod_templates, render
from tests.docs.terraform import FOLDER, ROOT, blocks, evaluated, references

BLOCKS: Final = blocks()
AGENT: Final = "arn:aws:iam::111122223333:role/ai-agent"
GIVEN: Final[dict[str, Any]] = {
    "aws_iam_role.agent.arn": AGENT,
    "var.image_repository": "registry.example.com/kubeapprove",
    "var.image_digest": f"sha256:{'0' * 64}",
}
"""What has no default."""
DEFAULTS: Final = {address: body["default"] for address, body in BLOCKS.items() if "default" in body}
EKS: Final = FOLDER.parent


def values() -> dict[str, Any]:
    """Return what the chart is given, with every default."""
    found: dict[str, Any] = evaluated(BLOCKS["local.values"], DEFAULTS | GIVEN)
    return found


def of_kind(prefix: str) -> dict[str, dict[str, Any]]:
    """Return the blocks whose address begins like that."""
    return {address: body for address, body in BLOCKS.items() if address.startswith(prefix)}


@pytest.mark.parametrize("address", BLOCKS)
def test_whatever_it_refers_to_exists(address: str) -> None:
    assert references(BLOCKS[address]) - BLOCKS.keys() == set()


def test_no_variable_is_for_nothing() -> None:
    used = set().union(*(references(body) for address, body in BLOCKS.items() if not address.startswith("var.")))
    assert {address for address in BLOCKS if address.startswith(("var.", "local."))} - used == set()


def test_variables_say_what_they_are_for() -> None:
    assert [address for address, body in of_kind("var.").items() if not body.get("description")] == []


def test_the_page_gives_each_variable_that_must_be_given() -> None:
    page = (ROOT / "docs" / "eks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```hcl\n(.*?)```", page, re.DOTALL)
    given = {f"var.{name}" for name in re.findall(r"^(\w+)\s*=", example, re.MULTILINE)}
    variables = of_kind("var.")
    assert given <= variables.keys()
    assert {address for address, body in variables.items() if "default" not in body} <= given


def test_the_chart_takes_its_values_and_makes_the_pages_policy() -> None:
    made = only(render(values()), "ApprovalPolicy", "kubeapprove")["spec"]
    documented = yaml.safe_load((EKS / "policy.yaml").read_text(encoding="utf-8"))["spec"]
    assert made["agents"] == documented["agents"]
    assert [rule["approval"] for rule in made["rules"]] == [rule["approval"] for rule in documented["rules"]]


def test_the_release_is_of_this_chart_in_our_namespace() -> None:
    release = BLOCKS["helm_release.kubeapprove"]
    assert (FOLDER / release["chart"].replace("${path.module}/", "")).resolve() == CHART
    assert (release["namespace"], release["values"]) == (SYSTEM, ["${yamlencode(local.values)}"])


def test_bindings_are_those_of_the_page() -> None:
    documents = yaml.safe_load_all((EKS / "bindings.yaml").read_text(encoding="utf-8"))
    documented = {one["metadata"]["name"]: one for one in documents if one["kind"] == "ClusterRoleBinding"}
    for body in of_kind("kubernetes_cluster_role_binding_v1.").values():
        ((metadata,), (role,), (subject,)) = (body[key] for key in ("metadata", "role_ref", "subject"))
        binding = documented[metadata["name"]]
        assert _camel(evaluated(role, DEFAULTS)) == binding["roleRef"]
        assert [_camel(evaluated(subject, DEFAULTS))] == binding["subjects"]


def test_groups_of_the_access_entries_are_those_that_are_bound() -> None:
    entries = of_kind("aws_eks_access_entry.")
    groups = {address: body["kubernetes_groups"] for address, body in entries.items()}
    assert groups == {
        "aws_eks_access_entry.agent": ["${var.agent_group}"],
        "aws_eks_access_entry.approver": ["${var.approver_group}"],
    }
    assert values()["admissionPolicies"] == {"enabled": True, "agentGroups": [DEFAULTS["var.agent_group"]]}


def test_no_access_policy_goes_around_rbac() -> None:
    assert of_kind("aws_eks_access_policy_association") == {}


def test_of_aws_the_agent_may_look_up_its_cluster_alone() -> None:
    policy = BLOCKS["aws_iam_role_policy.agent"]["policy"]
    assert re.findall(r"Action = ([^,}]+)", policy) == [json.dumps("eks:DescribeCluster")]
    assert {address for address in BLOCKS if address.startswith("aws_iam_")} == {
        "aws_iam_role.agent",
        "aws_iam_role_policy.agent",
    }


def test_the_open_port_is_where_the_webhook_listens() -> None:
    (container,) = pod_templates(render(values()))["kubeapprove-webhook"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    rule = BLOCKS["aws_vpc_security_group_ingress_rule.webhook"]
    assert (rule["from_port"], rule["to_port"]) == (ports["webhook"], ports["webhook"])


def _camel(body: dict[str, Any]) -> dict[str, Any]:
    return {"apiGroup" if key == "api_group" else key: value for key, value in body.items()}
