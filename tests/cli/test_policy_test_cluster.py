"""`policy test` against a cluster: which requests it makes, and what it does with the answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COLLECTION, FakeCluster, Result, Run
from tests.cli.policies import PRODUCTION, deployment, obj, policy, rule, written

AS = ("--as", "agent:bot", "--as-group", "agents")
POLICIES = f"GET {COLLECTION}/approvalpolicies?limit=200"
APPS = "GET /apis/apps/v1"
WEB = "GET /apis/apps/v1/namespaces/shop/deployments/web"
SERVED = {
    "resources": [
        {"name": "deployments/scale", "kind": "Scale", "namespaced": True},
        {"name": "deployments", "kind": "Deployment", "namespaced": True},
    ]
}


def live(replicas: int) -> dict[str, Any]:
    found = deployment(replicas)
    return {**found, "metadata": {**found["metadata"], "uid": "d-1", "resourceVersion": "7"}}


@pytest.fixture
def policies(cluster: FakeCluster) -> FakeCluster:
    """Serve two policies and the group apps."""
    other = policy("other", agents=[{"kind": "User", "name": "somebody"}])
    cluster.answer(POLICIES, out=json.dumps({"items": [PRODUCTION, other]}))
    cluster.answer(APPS, out=json.dumps(SERVED))
    return cluster


def try_(run: Run, folder: Path, *args: str, given: dict[str, Any] | None = None) -> Result:
    return run("policy", "test", *args, "-f", written(folder, "objects", given or deployment(3)), *AS)


def test_an_object_that_exists_is_updated(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    policies.answer(WEB, out=json.dumps(live(1)))
    policies.answer("APPLY", out=json.dumps(live(3)))
    result = try_(run, tmp_path, "--context", "prod")
    assert result.code == 0, result.err
    assert result.out.startswith("UPDATE deployments.apps shop/web by agent:bot\n  policy production (Enforce)\n")
    assert "allowed (AllowedByPolicy): allowed by policy production, rule small\n" in result.out
    assert "  do not name the caller: other\n" in result.out
    *command, given = policies.calls[-1]
    options = ["--dry-run=server", "--output=json", "--show-managed-fields", "--filename=-"]
    assert command == ["--context=prod", "apply", *options]
    assert json.loads(given) == deployment(3)
    assert not any("--as" in part for call in policies.calls for part in call)


def test_an_object_that_does_not_exist_is_created(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    policies.answer("CREATE", out=json.dumps(live(3)))
    result = try_(run, tmp_path, "production")
    assert result.out.startswith("CREATE deployments.apps shop/web by agent:bot\n")
    assert "do not name" not in result.out
    assert policies.calls[-1][:2] == ["create", "--dry-run=server"]


def test_a_generated_name_is_the_servers(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    policies.answer("CREATE", out=json.dumps({**live(3), "metadata": {**live(3)["metadata"], "name": "web-x7k2p"}}))
    given = deployment(3)
    given["metadata"] = {"generateName": "web-", "namespace": "shop"}
    assert try_(run, tmp_path, given=given).out.startswith("CREATE deployments.apps shop/web-x7k2p by")


def test_a_delete_reads_what_is_there(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    policies.answer(WEB, out=json.dumps(live(1)))
    assert try_(run, tmp_path, "--operation", "DELETE").out.startswith("DELETE deployments.apps shop/web")
    assert not any("--dry-run=server" in call for call in policies.calls)


def test_policies_of_files_beside_those_of_the_cluster(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    policies.answer("CREATE", out=json.dumps(live(3)))
    more = written(tmp_path, "more", policy("more", rule("r", "Deny")))
    result = try_(run, tmp_path, more, "production")
    assert "denied (PolicyDenied): denied by policy more, rule r\n" in result.out
    assert result.code == 1


def test_the_namespace_of_the_context_and_its_labels(policies: FakeCluster, run: Run, tmp_path: Path) -> None:
    selects = policy("selects", rule("prod", "Deny", namespaceSelector={"matchLabels": {"env": "prod"}}))
    policies.answers.clear()
    policies.namespace("shop")
    policies.answer(POLICIES, out=json.dumps({"items": [selects]}))
    policies.answer(APPS, out=json.dumps(SERVED))
    policies.answer("GET /api/v1/namespaces/shop", out=json.dumps({"metadata": {"labels": {"env": "prod"}}}))
    policies.answer("CREATE", out=json.dumps(live(3)))
    result = try_(run, tmp_path, given=obj("Deployment", "web", "apps/v1", spec={}))
    assert "denied (PolicyDenied): denied by policy selects, rule prod\n" in result.out


def test_a_stored_policy_that_cannot_be_used_denies_its_agents(cluster: FakeCluster, run: Run, tmp_path: Path) -> None:
    broken = policy("broken", rule("r", "Allow", when="1 +"))
    cluster.answer(POLICIES, out=json.dumps({"items": [broken]}))
    cluster.answer(APPS, out=json.dumps(SERVED))
    cluster.answer("CREATE", out=json.dumps(live(3)))
    result = try_(run, tmp_path)
    assert "  policy broken (cannot be used)\n    spec.rules[0].when: " in result.out
    assert "denied (PolicyDenied): policy broken cannot be used and denies until a person corrects it" in result.out
    assert result.code == 2
    found = json.loads(try_(run, tmp_path, "-o", "json").out)
    assert found["results"][0]["policies"][0]["problem"]


@pytest.mark.parametrize(
    ("args", "given", "answers", "sentence"),
    [
        (("nobody",), deployment(), {}, 'usage: the cluster has no policy "nobody": see'),
        ((), obj("Widget", "w", "apps/v1"), {}, 'usage: the cluster serves no "Widget" in "apps/v1"'),
        ((), obj("Widget", "w", "example.io/v1"), {}, 'usage: the cluster does not serve "example.io/v1"'),
        (
            ("--resource", "nothing.apps"),
            deployment(),
            {"GET /apis/apps/v1/namespaces/shop/nothing/web": "the server could not find the requested resource"},
            "usage: the cluster serves nothing at /apis/apps/v1/namespaces/shop/nothing/web: correct --resource",
        ),
        (
            (),
            deployment(),
            {"CREATE": 'User "carol" cannot create resource "deployments"'},
            'error: User "carol" cannot create resource "deployments"',
        ),
        (("--operation", "DELETE"), deployment(), {}, "error: manifestapprovals"),
    ],
    ids=["no such policy", "no such kind", "no such group", "no such resource", "no right", "nothing to delete"],
)
def test_what_cannot_be_judged(
    *,
    args: tuple[str, ...],
    given: dict[str, Any],
    answers: dict[str, str],
    sentence: str,
    policies: FakeCluster,
    run: Run,
    tmp_path: Path,
) -> None:
    for request, said in answers.items():
        reason = "NotFound" if "could not find" in said else "Forbidden"
        policies.answer(request, err=f"Error from server ({reason}): {said}\n", code=1)
    result = try_(run, tmp_path, *args, given=given)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(sentence)


def test_a_cluster_without_policies(cluster: FakeCluster, run: Run, tmp_path: Path) -> None:
    cluster.answer(POLICIES, out='{"items": []}')
    result = try_(run, tmp_path)
    assert (result.code, result.err.startswith("error: the cluster has no policies")) == (2, True)
