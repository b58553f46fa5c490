"""`policy test` from files alone: which rule matched, which did not and by what, and what becomes of the change."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import FakeCluster, Run
from tests.cli.policies import PRODUCTION, deployment, obj, policy, rule, written

AS = ("--as", "agent:bot", "--as-group", "agents")


@pytest.fixture
def test(tmp_path: Path, run: Run) -> Any:
    """Run it on policies and one or more objects; the answer is text, or data with `-o json`."""

    def test_(policies: Any, *objects: dict[str, Any], args: tuple[str, ...] = (), as_: tuple[str, ...] = AS) -> Any:
        policies = policies if isinstance(policies, list) else [policies]
        files = [written(tmp_path, f"p{at}", one) for at, one in enumerate(policies)]
        return run("policy", "test", *files, "-f", written(tmp_path, "objects", *objects), *as_, *args)

    return test_


def data(result: Any) -> dict[str, Any]:
    (found,) = json.loads(result.out)["results"]
    return dict(found)


def test_what_a_person_reads(test: Any) -> None:
    result = test(PRODUCTION, deployment(), obj("ClusterRole", "x", "rbac.authorization.k8s.io/v1"))
    assert result.out == (
        "CREATE deployments.apps shop/web by agent:bot\n"
        "  policy production (Enforce)\n"
        "    rule no-rbac  does not match: apiGroups (it is of group apps)\n"
        "    rule small    does not match: operations (it is a CREATE)\n"
        "    rule two      matches: RequireApproval\n"
        "needs approval: 2 approvals by group sre (policy production, rule two)\n"
        "  people may decide for 24h; then it may be used once, within 5m\n"
        "\n"
        "CREATE clusterroles.rbac.authorization.k8s.io x by agent:bot\n"
        "  policy production (Enforce)\n"
        "    rule no-rbac  matches: Deny\n"
        "denied (PolicyDenied): denied by policy production, rule no-rbac: ask the platform team\n"
    )
    assert result.code == 1


def update(replicas: int, tmp_path: Path) -> tuple[str, ...]:
    old = deployment(replicas, status={"replicas": replicas})
    old["metadata"] = {**old["metadata"], "uid": "d-1", "resourceVersion": "7"}
    return ("--old", written(tmp_path, "old", old))


@pytest.mark.parametrize(
    ("replicas", "outcome", "reason", "rule_"),
    [(5, "Allowed", "AllowedByPolicy", "small"), (6, "NeedsApproval", "ApprovalRequired", "two")],
    ids=["within bounds", "beyond"],
)
def test_an_update_is_judged_with_the_old_object(
    replicas: int, outcome: str, reason: str, rule_: str, test: Any, tmp_path: Path
) -> None:
    result = test(PRODUCTION, deployment(replicas), args=(*update(1, tmp_path), "-o", "json"))
    found = data(result)
    assert (found["operation"], found["outcome"], found["reason"]) == ("UPDATE", outcome, reason)
    assert found["policies"][0]["rule"] == rule_
    assert result.code == 0


def test_an_update_of_nothing(test: Any, tmp_path: Path) -> None:
    found = data(test(PRODUCTION, deployment(1), args=(*update(1, tmp_path), "-o", "json")))
    assert (found["outcome"], found["reason"]) == ("Allowed", "NoChange")


def test_time_to_use_is_longer_where_a_uid_is_bound(test: Any, tmp_path: Path) -> None:
    found = data(test(PRODUCTION, deployment(6), args=(*update(1, tmp_path), "-o", "json")))
    assert found["requirements"] == [
        {
            "policy": "production",
            "rule": "two",
            "count": 2,
            "approvers": [{"kind": "Group", "name": "sre"}],
            "useWithin": "1h",
            "pendingFor": "24h",
            "allowOwner": False,
            "allowCut": False,
        }
    ]


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "operations": ({"operations": ["DELETE"]}, deployment(), "operations (it is a CREATE)"),
    "apiGroups": ({"apiGroups": ["apps"]}, obj("Pod", "p"), "apiGroups (it is of the core group)"),
    "resources": ({"resources": ["pods"]}, deployment(), "resources (it is about deployments)"),
    "namespaces": ({"namespaces": ["a"]}, deployment(), "namespaces (it is in namespace shop)"),
    "no namespace": ({"namespaces": ["a"]}, obj("Namespace", "a"), "namespaces (it is in no namespace)"),
    "names": ({"names": ["x"]}, deployment(), "names (its name is web)"),
    "generated name": (
        {"names": ["x"]},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "x-"}},
        "names (its name is not known yet)",
    ),
    "when": ({"when": "object.spec.replicas > 2"}, deployment(), "when (the condition is false)"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_does_not_match(case: str, test: Any) -> None:
    match, given, words = DIFFERENT[case]
    result = test(policy("p", rule("r", "Deny", **match)), given)
    assert f"    rule r  does not match: {words}\n" in result.out
    assert "    no rule matches: one approval by anyone who holds the verb approve is asked for\n" in result.out
    assert "needs approval: 1 approval by anyone who holds the verb approve (policy p)\n" in result.out
    assert result.code == 0


def test_a_condition_that_fails_denies(test: Any) -> None:
    result = test(policy("p", rule("r", "Allow", **EVERYTHING, when="object.spec.nothing == 1")), deployment())
    assert "    rule r  fails: rule r, when: the condition reads a field that is not there\n" in result.out
    assert "no rule matches" not in result.out
    assert "denied (PolicyDenied): policy p cannot judge this change and denies it" in result.out
    assert result.code == 1


EVERYTHING: dict[str, Any] = {"operations": ["CREATE"], "apiGroups": ["*"], "resources": ["*"]}


def test_several_policies_the_strictest_wins_and_requirements_add_up(test: Any) -> None:
    allow = policy("allow", rule("all", "Allow", **EVERYTHING))
    two = policy("two", rule("r", "RequireApproval", approval={"count": 2}))
    three = policy("three", rule("r", "RequireApproval", approval={"count": 3}))
    result = test([allow, two, three], deployment())
    assert (
        "needs approval: 2 approvals by anyone who holds the verb approve (policy two, rule r) and 3 approvals by anyone "
        "who holds the verb approve (policy three, rule r)\n" in result.out
    )


def test_policies_that_do_not_decide(test: Any) -> None:
    watch = policy("watch", rule("r", "Deny"), mode="Observe")
    other = policy("other", agents=[{"kind": "User", "name": "somebody"}])
    result = test([PRODUCTION, watch, other], deployment())
    assert "  policy watch (Observe)\n    does not decide: it observes, and an enforcing policy names" in result.out
    assert "  do not name the caller: other\n" in result.out
    assert result.code == 0


def test_an_observing_policy_lets_through_and_says_so(test: Any) -> None:
    result = test(policy("watch", rule("r", "Deny"), mode="Observe"), deployment())
    assert "allowed (Observed): once the policy enforces, it is refused: denied by policy watch, rule r\n" in result.out
    assert result.code == 0


@pytest.mark.parametrize(
    ("as_", "reason"),
    [
        (("--as", "agent:guest"), "NoLongerEligible"),
        (("--as", "system:serviceaccount:ai:deployer"), "ApprovalRequired"),
        (
            ("--as", "x", "--as-user-extra", "canonicalArn=arn:aws:iam::111122223333:role/agent"),
            "ApprovalRequired",
        ),
    ],
    ids=["until is over", "all of a namespace", "IAM role"],
)
def test_who_asks(as_: tuple[str, ...], reason: str, test: Any) -> None:
    agents = [
        {"kind": "User", "name": "agent:guest", "until": "2026-01-01T00:00:00Z"},
        {"kind": "ServiceAccount", "namespace": "ai"},
        {"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/agent"},
    ]
    result = test(policy("p", agents=agents), deployment(), as_=as_, args=("-o", "json"))
    assert data(result)["reason"] == reason
    assert result.code == (0 if reason == "ApprovalRequired" else 1)


def test_what_is_never_allowed(test: Any) -> None:
    allow = policy("p", rule("all", "Allow", operations=["CREATE"], apiGroups=["*"], resources=["*/*"]))
    result = test(allow, obj("TokenRequest", "deployer", "authentication.k8s.io/v1", "ai"))
    assert "CREATE serviceaccounts/token ai/deployer by agent:bot\n" in result.out
    assert "denied (NeverAllowed): agents never mint ServiceAccount tokens\n" in result.out
    assert result.code == 1


@pytest.mark.parametrize(
    ("stdin", "outcome"), [(False, "NeedsApproval"), (True, "Denied")], ids=["a command", "a session"]
)
def test_exec(stdin: bool, outcome: str, test: Any) -> None:
    command = obj("PodExecOptions", "web", namespace="shop", command=["id"], stdin=stdin)
    found = data(test(policy("p"), command, args=("-o", "json")))
    assert (found["operation"], found["resource"], found["name"]) == ("CONNECT", "pods/exec", "web")
    assert found["outcome"] == outcome


def test_a_delete(test: Any) -> None:
    found = data(test(PRODUCTION, deployment(), args=("--operation", "delete", "-o", "json")))
    assert (found["operation"], found["policies"][0]["rule"]) == ("DELETE", "two")


def test_a_namespaces_labels(test: Any) -> None:
    selector = {"matchLabels": {"env": "prod"}}
    deny = policy("p", rule("prod", "Deny", namespaceSelector=selector))
    result = test(deny, deployment())
    assert "does not match: namespaceSelector (the namespace's labels are not known)\n" in result.out
    assert "  note: nobody knows the namespace's labels here" in result.out
    result = test(deny, deployment(), args=("--namespace-label", "env=test"))
    assert "does not match: namespaceSelector (the namespace's labels are others)\n" in result.out
    assert "note:" not in result.out
    assert test(deny, deployment(), args=("--namespace-label", "env=prod")).code == 1
    assert "(it is in no namespace)" in test(deny, obj("Namespace", "prod")).out


def test_hidden_values_are_told_of_and_not_shown(test: Any) -> None:
    result = test(PRODUCTION, obj("Secret", "s", namespace="shop", stringData={"key": "PLANTED"}))
    assert "  note: the change hides values; their digests here are made with a throw-away key" in result.out
    assert "PLANTED" not in result.out


def test_settings_of_the_installation(test: Any, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("systemNamespace: gatekeepers\n")
    asked = test(policy("p"), obj("ConfigMap", "c", namespace="gatekeepers"), args=("--settings", str(settings)))
    assert "denied (NeverAllowed): agents never touch the namespace gatekeepers" in asked.out
    settings.write_text("systemNamespace: ''\n")
    wrong = test(policy("p"), deployment(), args=("--settings", str(settings)))
    assert (wrong.code, "systemNamespace" in wrong.err) == (2, True)
    settings.write_text("{")
    assert "cannot be read as settings" in test(policy("p"), deployment(), args=("--settings", str(settings))).err


def test_a_custom_kind_needs_its_resource(test: Any) -> None:
    widget = obj("Widget", "w", "example.io/v1", "shop")
    result = test(PRODUCTION, widget)
    assert (result.code, "name its resource, as in --resource widgets.example.io" in result.err) == (2, True)
    found = data(test(PRODUCTION, widget, args=("--resource", "widgets.example.io", "-o", "json")))
    assert (found["resource"], found["namespace"]) == ("widgets.example.io", "shop")
    assert found["policies"][0]["rule"] == "two"


def test_a_subresource(test: Any, tmp_path: Path) -> None:
    scale = obj("Scale", "web", "autoscaling/v1", spec={"replicas": 3})
    old = written(tmp_path, "old", {**scale, "spec": {"replicas": 2}})
    args = ("--resource", "deployments.apps/scale", "-n", "shop", "--old", old, "-o", "json")
    found = data(test(policy("p", rule("scale", "RequireApproval", resources=["*/scale"])), scale, args=args))
    assert (found["resource"], found["namespace"]) == ("deployments.apps/scale", "shop")
    assert found["policies"][0]["rule"] == "scale"


def test_where_the_owner_may_be_one_of_them(test: Any) -> None:
    asks = rule("r", "RequireApproval", approval={"allowOwner": True})
    result = test(policy("p", asks), deployment())
    assert (
        "1 approval by anyone who holds the verb approve, the agent's owner may be one (policy p, rule r)\n"
        in result.out
    )


def test_as_yaml(test: Any) -> None:
    result = test(PRODUCTION, deployment(), args=("-o", "yaml"))
    found = yaml.safe_load(result.out)
    assert found["requester"]["groups"] == ["agents", "system:authenticated"]
    assert found["exitCode"] == 0
    assert [(one["name"], one["matches"]) for one in found["results"][0]["policies"][0]["rules"]] == [
        ("no-rbac", False),
        ("small", False),
        ("two", True),
    ]


BROKEN = policy(
    "p", rule("r", "Allow", apiGroups=["apps"], resources=["deployments"], operations=["UPDATE"], when="1 +")
)


@pytest.mark.parametrize(
    ("policies", "objects", "args", "sentence"),
    [
        (BROKEN, [deployment()], (), 'policy "p" in '),
        (BROKEN, [deployment()], (), "spec.rules[0].when: the expression is wrong at line 1"),
        (policy("p", agents=[]), [deployment()], (), "spec.agents"),
        ([policy("p"), policy("p")], [deployment()], (), 'policy "p" is given twice'),
        (deployment(), [deployment()], (), 'holds a "Deployment", which is no ApprovalPolicy'),
        (
            policy("p", agents=[{"kind": "User", "name": "x"}]),
            [deployment()],
            (),
            "none of these policies names agent:bot",
        ),
        (policy("p"), [deployment()], ("--operation", "UPDATE"), "an update needs the object as it is now"),
        (policy("p"), [obj("ConfigMap", "x" * 254)], (), "makes no request: the object's name is longer than 253"),
        (policy("p"), [deployment()], ("-n", "other"), "is in namespace shop by its manifest, not other"),
        (policy("p"), [deployment()], ("--old", "/nowhere.yaml"), '"/nowhere.yaml" cannot be read'),
        (policy("p"), [deployment()], ("--resource", "What?"), '"What?" is no resource'),
        (policy("p"), [deployment()], ("--as-user-extra", "x"), '"x" is not KEY=VALUE'),
        (policy("p"), [deployment()], ("-f", "-", "--old", "-"), "stdin (-) can be read once"),
    ],
    ids=lambda value: "" if not isinstance(value, str) else value[:24],
)
def test_what_cannot_be_judged(
    policies: Any, objects: list[dict[str, Any]], args: tuple[str, ...], sentence: str, test: Any
) -> None:
    result = test(policies, *objects, args=args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("usage: ")
    assert sentence in result.err


def test_labels_are_pairs(test: Any) -> None:
    deny = policy("p", rule("prod", "Deny", namespaceSelector={"matchLabels": {"env": "prod"}}))
    assert "--namespace-label takes KEY=VALUE" in test(deny, deployment(), args=("--namespace-label", "env")).err


def test_an_object_without_a_single_meaning(test: Any) -> None:
    odd = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": 7}}
    result = test(policy("p"), odd)
    assert "denied (Unreadable): metadata.name is not a string\n" in result.out
    assert result.code == 1


def test_an_old_object_of_another_name(test: Any, tmp_path: Path) -> None:
    old = written(tmp_path, "old", obj("Deployment", "other", "apps/v1", "shop"))
    assert "--old holds no Deployment web" in test(policy("p"), deployment(), args=("--old", old)).err


def test_names_that_could_steer_a_terminal(test: Any) -> None:
    result = test(policy("p"), obj("ConfigMap", "\x1b[2J", namespace="shop"))
    assert "\x1b" not in result.out
    assert "\\u001b[2J" in result.out


def test_no_cluster_is_asked(test: Any, cluster: FakeCluster) -> None:
    assert test(PRODUCTION, obj("Deployment", "web", "apps/v1")).out.startswith("CREATE deployments.apps default/web ")
    assert cluster.calls == []
