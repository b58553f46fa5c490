"""The commands in front of a real gate: a quorum of two, broken glass, and `policy test` beside what the gate says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.gated.gated import Gated
from tests.cli.policies import obj, policy, rule, written
from tests.cli.test_real_server import Server

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.cluster

TWO = {"count": 2, "approvers": [{"kind": "Group", "name": "approvers"}]}
POLICY = policy(
    "cli",
    rule("no-secrets", "Deny", apiGroups=[""], resources=["secrets"], message="ask for a mount"),
    rule(
        "small",
        "Allow",
        operations=["UPDATE"],
        apiGroups=[""],
        resources=["configmaps"],
        when="object.data.size() == oldObject.data.size()",
    ),
    rule("two", "RequireApproval", approval=TWO),
)
BREAKER = "dora"


@pytest.fixture(scope="module")
def gated() -> Iterator[ControlPlane]:
    """On a control plane of its own: who may do what there would be in the way of other tests."""
    try:
        with (
            ControlPlane(binaries=locate(build=False)) as control_plane,
            Gated(control_plane, policies=[POLICY]),
        ):
            control_plane.identity(BREAKER, ["breakers"])
            yield control_plane
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def server(gated: ControlPlane) -> Server:
    namespace = f"cli-{uuid4().hex[:8]}"
    assert gated.raw("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})[0] == 201
    return Server(gated, namespace)


def create(server: Server) -> "subprocess.CompletedProcess[str]":
    """Make the agent's change, or ask for it."""
    arguments = ("create", "configmap", "web", "--from-literal=a=1", "-n", server.namespace)
    return server.control_plane.kubectl(*arguments, as_="agent", check=False)


def run(server: Server, *args: str, as_: str) -> "subprocess.CompletedProcess[str]":
    return server.run(*args, "-n", server.namespace, as_=as_)


def test_a_quorum_of_two(server: Server) -> None:
    assert "approval required" in create(server).stderr
    missing = "still missing: {} of 2 approvals by group approvers (policy cli, rule two)"

    other = run(server, "yes", "create-configmaps-web", "-y", as_="admin")
    assert other.stderr == (
        "warning: your approval does not count as things are: policies ask for group approvers; it is kept, and somebody "
        "on that list has to approve as well\n"
    )
    assert other.stdout.endswith(f"; {missing.format(2)}\n")

    assert run(server, "yes", "create-configmaps-web", "-y", as_="alice").stdout.endswith(f"; {missing.format(1)}\n")
    assert " 1 of 2 " in run(server, "list", as_="bob").stdout
    waited = run(server, "wait", "create-configmaps-web", "--timeout", "1s", as_="agent")
    assert (waited.returncode, missing.format(1) in waited.stdout) == (5, True)
    assert create(server).returncode == 1

    last = run(server, "yes", "create-configmaps-web", "-y", as_="bob").stdout.splitlines()[-1]
    assert "; the agent can make the change once, until " in last
    assert create(server).returncode == 0


def test_broken_glass_is_owed_a_review_by_somebody_else(server: Server) -> None:
    create(server)
    done = run(server, "yes", "create-configmaps-web", "-y", "--break-glass", "-m", "shop is down", as_=BREAKER)
    assert done.stdout.splitlines()[-1].startswith("broke the glass for "), done
    assert create(server).returncode == 0

    listed = run(server, "list", "--owed", as_="alice").stdout.splitlines()
    assert listed[1].startswith(f"  {BREAKER} broke the glass at ")
    assert listed[1].endswith('"shop is down"')
    name = json.loads(run(server, "list", "--owed", "-o", "json", as_="alice").stdout)["items"][0]["metadata"]["name"]
    assert listed[3] == f'  Next: kubectl approve acknowledge {name} -n {server.namespace} -m "what you found"'

    own = run(server, "acknowledge", name, "-m", "I am fine with it", as_=BREAKER)
    assert own.returncode == 1
    assert "who broke the glass does not review it" in own.stderr
    assert run(server, "acknowledge", name, "-m", "it was down", as_="alice").returncode == 0
    assert run(server, "list", "--owed", as_="alice").stderr == f"No review is owed in namespace {server.namespace}.\n"
    assert "reviewed    by alice at " in run(server, "review", name, as_="bob").stdout


def manifest(name: str, server: Server, data: dict[str, str]) -> dict[str, Any]:
    return obj("ConfigMap", name, namespace=server.namespace, data=data)


def test_policy_test_says_what_the_gate_says(server: Server, tmp_path: Path) -> None:
    there = manifest("there", server, {"a": "1"})
    server.control_plane.kubectl("apply", "-f", written(tmp_path, "there", there))
    cases = {
        "new": (manifest("new", server, {"a": "1"}), "CREATE", "ApprovalRequired", "two"),
        "same size": (manifest("there", server, {"a": "2"}), "UPDATE", "AllowedByPolicy", "small"),
        "grows": (manifest("there", server, {"a": "1", "b": "2"}), "UPDATE", "ApprovalRequired", "two"),
        "secret": (obj("Secret", "s", namespace=server.namespace), "CREATE", "PolicyDenied", "no-secrets"),
        "nothing": (there, "UPDATE", "NoChange", ""),
    }
    files = [written(tmp_path, name.replace(" ", "-"), one) for name, (one, *_) in cases.items()]
    args = [part for file in files for part in ("-f", file)]
    as_agent = ("--as", "agent:bot", "--as-group", "agents")
    done = server.run("policy", "test", *args, *as_agent, "-o", "json")
    assert done.returncode == 1, done  # one of them is denied
    found = json.loads(done.stdout)["results"]
    for file, one, (_, operation, reason, rule_) in zip(files, found, cases.values(), strict=True):
        assert (one["operation"], one["reason"]) == (operation, reason)
        assert [seen["rule"] for seen in one["policies"]] == [rule_] * bool(rule_)
        told = server.control_plane.kubectl("apply", "--dry-run=server", "-f", file, as_="agent", check=False).stderr
        words = {"AllowedByPolicy": "would let it through", "NoChange": ""}.get(reason, f"would refuse it: {reason}")
        assert words in told
        assert bool(told) == bool(words)


def test_policies_by_name(server: Server, tmp_path: Path) -> None:
    file = written(tmp_path, "m", manifest("new", server, {}))
    as_agent = ("--as", "agent:bot", "--as-group", "agents")
    assert "approvers (policy cli, rule two)\n" in server.run("policy", "test", "cli", "-f", file, *as_agent).stdout
    done = server.run("policy", "test", "none", "-f", file, *as_agent)
    assert (done.returncode, 'the cluster has no policy "none"' in done.stderr) == (2, True)
