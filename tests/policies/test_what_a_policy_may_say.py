"""Everything that a policy may not say is told with its place and its remedy."""

from typing import Any

import pytest

from kubeapprove.policycheck import read_policy
from tests.policies import scenes
from tests.policies.scenes import allows, asks, problem, rule

USERS = [{"kind": "User", "name": "alice"}]


def approvers(*entries: dict[str, str], **approval: Any) -> dict[str, Any]:
    return asks("r", approval={"approvers": list(entries), **approval})


def selecting(**selector: Any) -> dict[str, Any]:
    return rule(match={"namespaceSelector": selector})


def expression(operator: str, **fields: Any) -> dict[str, Any]:
    return selecting(matchExpressions=[{"key": "env", "operator": operator, **fields}])


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "an empty list of operations": (
        rule(match={"operations": []}),
        "spec.rules[0].match.operations: an empty list says nothing; leave it out to match everything",
    ),
    "an empty list of groups": (rule(match={"apiGroups": []}), "spec.rules[0].match.apiGroups: an empty list"),
    "an empty list of resources": (rule(match={"resources": []}), "spec.rules[0].match.resources: an empty list"),
    "an empty list of namespaces": (rule(match={"namespaces": []}), "spec.rules[0].match.namespaces: an empty list"),
    "an empty list of names": (rule(match={"names": []}), "spec.rules[0].match.names: an empty list"),
    "a kind as resource": (
        rule(match={"resources": ["Deployment"]}),
        "spec.rules[0].match.resources: Deployment is no resource; write the plural in lower case",
    ),
    "two slashes": (rule(match={"resources": ["pods/exec/x"]}), "pods/exec/x is no resource"),
    "a resource with a control character": (
        rule(match={"resources": ["pods\x1b"]}),
        "spec.rules[0].match.resources: pods\\u001b is no resource",
    ),
    "a part of a star": (rule(match={"resources": ["pod*"]}), "pod* is no resource"),
    "a selector of everything": (
        selecting(),
        "spec.rules[0].match.namespaceSelector: it selects every namespace; leave it out",
    ),
    "In without values": (expression("In"), "spec.rules[0].match.namespaceSelector: In needs values"),
    "NotIn without values": (expression("NotIn"), "NotIn needs values"),
    "Exists with values": (expression("Exists", values=["a"]), "Exists needs no values"),
    "DoesNotExist with values": (expression("DoesNotExist", values=["a"]), "DoesNotExist needs no values"),
    "a message of two lines": (
        rule(message="one\ntwo"),
        "spec.rules[0].message: write one line of plain text, without line breaks or control characters",
    ),
    "a message that hides something": (rule(message="a\u202eb"), "spec.rules[0].message: write one line"),
    "no CEL": (rule(when="change."), "spec.rules[0].when: the expression is wrong at line 1, column"),
    "another variable": (rule(when="manifest.spec == 1"), "spec.rules[0].when: the expression is wrong at line 1"),
    "no boolean": (rule(when="'a'"), "spec.rules[0].when: the expression is not a boolean"),
    "an Allow of every operation": (
        rule("r", "Allow", match={"apiGroups": ["apps"], "resources": ["deployments"]}),
        "spec.rules[0].match.operations: an Allow rule says what it allows; name them",
    ),
    "an Allow of every group": (
        rule("r", "Allow", match={"operations": ["CREATE"], "resources": ["deployments"]}),
        "spec.rules[0].match.apiGroups: an Allow rule says what it allows",
    ),
    "an Allow of every resource": (
        rule("r", "Allow", match={"operations": ["CREATE"], "apiGroups": ["apps"]}),
        "spec.rules[0].match.resources: an Allow rule says what it allows",
    ),
    "an Allow by labels": (
        allows(match={"namespaceSelector": {"matchLabels": {"a": "b"}}}),
        "spec.rules[0].match.namespaceSelector: an Allow rule names its namespaces: labels can be asked for by an",
    ),
    "a Deny that asks": (
        rule(approval={"count": 2}),
        "spec.rules[0].approval: only RequireApproval asks for approval; remove it, or change the action Deny",
    ),
    "an Allow that asks": (allows(approval={}), "spec.rules[0].approval: only RequireApproval asks for approval"),
    "nobody may approve": (
        approvers(),
        "spec.rules[0].approval.approvers: nobody could approve; name groups or users, or leave it out",
    ),
    "a ServiceAccount approves": (
        approvers({"kind": "User", "name": "system:serviceaccount:ci:bot"}),
        "spec.rules[0].approval.approvers[0]: controllers and ServiceAccounts never decide; name people",
    ),
    "all ServiceAccounts approve": (approvers({"kind": "Group", "name": "system:serviceaccounts:ci"}), "never decide"),
    "an approver that is several lines": (
        approvers({"kind": "Group", "name": "sre\nStatus:\n  Phase:  Approved"}),
        "spec.rules[0].approval.approvers[0]: write the name in one line",
    ),
    "nodes approve": (approvers(*USERS, {"kind": "Group", "name": "system:nodes"}), "approval.approvers[1]: contr"),
    "the scheduler approves": (approvers({"kind": "User", "name": "system:kube-scheduler"}), "never decide"),
    "agents approve": (
        approvers({"kind": "Group", "name": "agents"}),
        "spec.rules[0].approval.approvers[0]: this policy makes them an agent, and agents never decide; name people",
    ),
    "two of one person": (
        approvers(*USERS, *USERS, count=2),
        "spec.rules[0].approval.count: 2 people are asked for and 1 listed; list more or ask for fewer",
    ),
}
FINE: dict[str, dict[str, Any]] = {
    "a user named like the group of agents": approvers({"kind": "User", "name": "agents"}),
    "two of a group": approvers({"kind": "Group", "name": "approvers"}, count=2),
    "three of one person and a group": approvers(*USERS, {"kind": "Group", "name": "approvers"}, count=3),
    "two of two people": approvers(*USERS, {"kind": "User", "name": "bob"}, count=2),
    "cluster-admins": approvers({"kind": "Group", "name": "system:masters"}),
    "every resource": rule(match={"resources": ["*", "*/*", "pods/*", "*/scale", "pods/exec", "widgets.example.org"]}),
    "labels alone": selecting(matchLabels={"a": "b"}),
    "an expression alone": expression("Exists"),
    "an Allow of one place": allows(match={"namespaces": ["dev"], "names": ["web"]}),
    "a message in another script": rule(message="nur für Menschen, 人間だけ"),
}


@pytest.mark.parametrize("scenario", RULES)
def test_refused_with_place_and_remedy(scenario: str) -> None:
    entry, said = RULES[scenario]
    assert said in problem(entry)


@pytest.mark.parametrize("scenario", FINE)
def test_fine(scenario: str) -> None:
    assert problem(FINE[scenario]) == ""


def test_the_place_counts_rules_from_the_first() -> None:
    assert problem(rule("a", when="true"), rule("b", message="\n")).startswith("spec.rules[1].message: ")


def test_two_rules_of_one_name() -> None:
    assert problem(rule("a", when="true"), rule("a", when="false")) == (
        "spec.rules[1].name: a is the name of an earlier rule; refusals could not tell them apart"
    )


def test_everything_is_told_at_once() -> None:
    told = problem(rule("a", when="1", message="\n"), rule("a", match={"names": []}), agents=[scenes.GROUP] * 2)
    places = [sentence.partition(":")[0] for sentence in told.split("; ") if sentence.startswith("spec")]
    assert places == [
        "spec.agents[1]",
        "spec.rules[1].name",
        "spec.rules[0].message",
        "spec.rules[0].when",
        "spec.rules[1].match.names",
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (scenes.raw(rule("a", "Permit")), "spec.rules[0].action: write 'Allow', 'Deny' or 'RequireApproval'"),
        (scenes.raw(rule(typo=1)), "spec.rules[0].typo: nobody knows this field"),
        (scenes.raw(agents=[]), "spec.agents: give at least 1"),
        (scenes.raw(asks(approval={"useWithin": "1 hour"})), "spec.rules[0].approval.useWithin: write a duration as"),
        (scenes.raw(asks(approval={"pendingFor": "721h"})), "write a duration between 1s and 720h"),
        ({**scenes.raw(), "kind": "Policy"}, "kind: write 'ApprovalPolicy'"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_what_is_wrong_with_its_shape_is_told_with_its_place(document: dict[str, Any], said: str) -> None:
    assert said in read_policy(document, scenes.SETTINGS).problem
