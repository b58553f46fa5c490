"""In front of a real gate: the commands of docs/deciding.md, `policy test` beside what the gate says, and warnings."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.gated.gated import Gated
from tests.cli.deciding_page import command
from tests.cli.policies import obj, policy, rule, written
from tests.cli.test_real_server import Server

pytestmark = [pytest.mark.cluster, pytest.mark.stories]

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
PROGRAM = Path(sys.executable).parent / "kubectl-approve"
Done = subprocess.CompletedProcess[str]


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


def create(server: Server) -> Done:
    """Make the agent's change, or ask for it."""
    arguments = ("create", "configmap", "web", "--from-literal=a=1", "-n", server.namespace)
    return server.control_plane.kubectl(*arguments, as_="agent", check=False)


def run(server: Server, *args: str, as_: str) -> Done:
    return server.run(*args, "-n", server.namespace, as_=as_)


def test_a_quorum_of_two(server: Server) -> None:
    assert "approval required" in create(server).stderr
    missing = "still missing: {} of 2 approvals by group approvers (policy cli, rule two)"

    other = run(server, "yes", "create-configmaps-web", "-y", as_="admin")
    assert other.stderr == (
        "warning: your approval does not count as things are: policies ask for group approvers; it is kept, and somebody "
        "who counts has to approve as well\n"
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


def test_who_broke_the_glass_reviews_nothing(server: Server) -> None:
    create(server)
    done = run(server, "yes", "create-configmaps-web", "-y", "--break-glass", "-m", "shop is down", as_=BREAKER)
    assert done.stdout.splitlines()[-1].startswith("broke the glass for "), done
    own = run(server, "acknowledge", "create-configmaps-web", "-m", "I am fine with it", as_=BREAKER)
    assert own.returncode == 1
    assert "who broke the glass does not review it" in own.stderr


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


def typed(line: str, server: Server, who: str) -> str:
    """Type a command of the page for the approval that waits."""
    approvals = server.control_plane.raw("GET", server.path)[1]["items"]
    (metadata,) = [one["metadata"] for one in approvals]
    line = line.replace("NAMESPACE", server.namespace).replace("NAME", metadata["name"])
    line = line.replace("UID", metadata["uid"]).replace("kubectl approve", shlex.quote(str(PROGRAM)))
    kubectl = str(server.control_plane.kubectl_binary)
    environment = server.control_plane.environment(who) | {"KUBECTL": kubectl}
    line += " -y" if " yes " in line else ""
    done = subprocess.run(  # noqa: S602 (the page's own commands, typed as a reader types them)
        line, shell=True, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done
    return done.stdout


def approval(server: Server) -> dict[str, Any]:
    (one,) = server.control_plane.raw("GET", server.path)[1]["items"]
    return dict(one)


@pytest.fixture(params=["kubectl patch", "kubectl approve"])
def way(request: pytest.FixtureRequest) -> str:
    """Name the two ways that the page shows."""
    return str(request.param)


def test_two_approve(way: str, server: Server) -> None:
    create(server)
    line = command(way, "as in ticket 12")
    typed(line, server, "alice")
    assert create(server).returncode == 1
    typed(line.replace('"me"', '"other"'), server, "bob")
    assert create(server).returncode == 0


def test_one_denies_and_it_is_lifted(way: str, server: Server) -> None:
    create(server)
    typed(command(way, "not on a Friday"), server, "alice")
    assert "alice denied this change: not on a Friday" in create(server).stderr
    typed(command("kubectl delete"), server, "bob")
    assert "approval required" in create(server).stderr


def test_one_revokes(way: str, server: Server) -> None:
    create(server)
    typed(command(way, "wrong cluster"), server, "alice")
    assert approval(server)["spec"]["revoked"]["by"]["username"] == "alice"
    assert "the last approval of it was revoked" in create(server).stderr


def test_one_breaks_the_glass_and_another_reviews_it(way: str, server: Server) -> None:
    create(server)
    typed(command(way, "ticket 13"), server, BREAKER)
    assert create(server).returncode == 0
    rows = typed(command("list --owed"), server, "alice").splitlines()
    at = next(at for at, row in enumerate(rows) if row.startswith(server.namespace))
    assert rows[at + 1].startswith(f"  {BREAKER} broke the glass at ")
    assert rows[at + 1].endswith('"the shop is down, ticket 13"')
    typed(command(way, "brought it back"), server, "alice")
    assert server.namespace not in typed(command("list --owed"), server, "alice")
    (word,) = approval(server)["spec"]["acknowledgements"].values()
    assert (word["by"]["username"], word["reason"]) == ("alice", "it was down, and this brought it back")


def test_reading(server: Server) -> None:
    create(server)
    name, uid = (approval(server)["metadata"][key] for key in ("name", "uid"))
    assert typed(command("jsonpath"), server, "alice") == uid
    assert name in typed(command("list -A"), server, "alice").replace("\n", " ")
    assert f"approval    {server.namespace}/{name}" in typed(command("review"), server, "alice")
