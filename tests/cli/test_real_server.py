"""The commands against a real API server. No gate is registered here: what needs its stamp is refused, and says so."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.control_plane import ControlPlane
from kubeapprove_cli import clock, kinds
from tests.cli import approvals

pytestmark = [pytest.mark.cluster, pytest.mark.stories]

CRD = Path(__file__).parents[2] / "crds" / "manifestapprovals.kubeapprove.io.yaml"
PROGRAM = [sys.executable, "-c", "from kubeapprove_cli.main import main; main()"]


@dataclass(frozen=True)
class Server:
    """A namespace of a test's own."""

    control_plane: ControlPlane
    namespace: str

    @property
    def path(self) -> str:
        return f"/apis/kubeapprove.io/v1alpha1/namespaces/{self.namespace}/manifestapprovals"

    def ask(self, document: dict[str, Any], name: str = "") -> dict[str, Any]:
        """Create an approval as admin."""
        raw = approvals.approval(document, clock.now(), name=name, namespace=self.namespace)
        del raw["metadata"]["uid"], raw["metadata"]["resourceVersion"]
        code, answer = self.control_plane.raw("POST", self.path, raw)
        assert code == 201, answer
        return answer

    def decide(self, asked: dict[str, Any], verdict: str = "Approved") -> None:
        """Write a decision with its stamp, as only the gate can elsewhere."""
        decision = approvals.decision(verdict, at=clock.now(), **{"for": asked["metadata"]["uid"]})
        name = asked["metadata"]["name"]
        code, answer = self.control_plane.raw("PATCH", f"{self.path}/{name}", {"spec": {"decisions": {"a": decision}}})
        assert code == 200, answer

    def run(self, *args: str, as_: str = "admin") -> "subprocess.CompletedProcess[str]":
        """Run the program as an identity."""
        with self.start(*args, as_=as_) as process:
            out, err = process.communicate(timeout=90)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *args: str, as_: str = "admin", kubectl: Path | None = None) -> "subprocess.Popen[str]":
        """Start it."""
        binary = str(kubectl or self.control_plane.kubectl_binary)
        return subprocess.Popen(
            [*PROGRAM, *args],
            env={**self.control_plane.environment(as_), "KUBECTL": binary},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def install(control_plane: ControlPlane) -> ControlPlane:
    """Install the CRD and wait until its resource is served."""
    control_plane.kubectl("apply", "--server-side", "-f", str(CRD))
    deadline = time.monotonic() + 10
    while control_plane.raw("GET", "/apis/kubeapprove.io/v1alpha1/manifestapprovals")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return control_plane


@pytest.fixture(scope="module")
def installed(control_plane: ControlPlane) -> ControlPlane:
    return install(control_plane)


@pytest.fixture
def server(installed: ControlPlane) -> Iterator[Server]:
    namespace = f"cli-{uuid4().hex[:8]}"
    assert installed.raw("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})[0] == 201
    yield Server(installed, namespace)
    installed.raw("DELETE", f"/api/v1/namespaces/{namespace}")


def test_list_and_review(server: Server) -> None:
    asked = server.ask(approvals.update({"path": ["spec", "replicas"], "from": 1, "to": 2}))
    name = asked["metadata"]["name"]
    assert name in server.run("list", "-n", server.namespace).stdout
    assert name in server.run("list", "-A", "--all").stdout
    shown = server.run("review", f"{server.namespace}/{name[:-3]}").stdout
    assert "  spec.replicas\n    - 1\n    + 2\n" in shown
    assert f'"for":"{asked["metadata"]["uid"]}"' in shown
    stored = json.loads(
        server.run("review", asked["spec"]["manifestHash"][:20], "-n", server.namespace, "-o", "json").stdout
    )
    assert stored["metadata"]["uid"] == asked["metadata"]["uid"]


def test_the_namespace_of_the_context_is_the_default(server: Server) -> None:
    config = server.control_plane.state / f"{server.namespace}.kubeconfig"
    config.write_bytes(server.control_plane.kubeconfig("admin").read_bytes())
    server.control_plane.kubectl(
        "--kubeconfig", str(config), "config", "set-context", "--current", f"--namespace={server.namespace}"
    )
    name = server.ask(approvals.delete())["metadata"]["name"]
    assert name in server.run("list", "--kubeconfig", str(config)).stdout


def test_pages_of_a_long_list(server: Server) -> None:
    for at in range(205):
        server.ask(approvals.delete(name=f"d{at}"), name=f"a-{at}")
    assert len(server.run("list", "-n", server.namespace, "-o", "name").stdout.splitlines()) == 205


def test_the_footers_command_is_a_valid_patch(server: Server) -> None:
    """Without the gate its decision lacks only the stamp."""
    name = server.ask(approvals.delete())["metadata"]["name"]
    shown = server.run("review", name, "-n", server.namespace).stdout
    (command,) = [row.strip() for row in shown.splitlines() if row.strip().startswith("kubectl patch")]
    environment = server.control_plane.environment()
    done = subprocess.run(
        ["sh", "-c", command.replace("<you>", "me")], env=environment, capture_output=True, text=True, check=False
    )
    assert "spec.decisions.me.by: Required value" in done.stderr, done


@pytest.mark.parametrize(
    "args", [("yes", "-y"), ("no", "-m", "x"), ("revoke", "-m", "x")], ids=lambda args: str(args[0])
)
def test_without_the_gate_nothing_is_decided(args: tuple[str, ...], server: Server) -> None:
    name = server.ask(approvals.delete())["metadata"]["name"]
    done = server.run(args[0], name, *args[1:], "-n", server.namespace)
    assert done.returncode == 1
    assert done.stderr.startswith("error: nobody stamped this decision")


def test_reason(server: Server) -> None:
    name = server.ask(approvals.delete())["metadata"]["name"]
    done = server.run("reason", name, "-n", server.namespace, "-m", "the ticket", "-o", "json")
    assert json.loads(done.stdout)["spec"]["reason"] == "the ticket"
    managers = server.control_plane.kubectl(
        "get",
        "ma",
        name,
        "-n",
        server.namespace,
        "-o",
        "jsonpath={.metadata.managedFields[*].manager}",
        "--show-managed-fields",
    )
    assert "kubeapprove" in managers.stdout.split()


def test_who_has_no_rights(server: Server) -> None:
    name = server.ask(approvals.delete())["metadata"]["name"]
    for args in (("list",), ("review", name), ("wait", name)):
        done = server.run(*args, "-n", server.namespace, as_="carol")
        assert done.returncode == 1
        assert 'User "carol" cannot' in done.stderr
        assert "ask whoever runs the cluster for that right" in done.stderr


def test_a_delete_shows_the_object_to_who_may_read_it(server: Server) -> None:
    maps = f"/api/v1/namespaces/{server.namespace}/configmaps"
    code, made = server.control_plane.raw("POST", maps, {"metadata": {"name": "cm"}, "data": {"key": "some value"}})
    assert code == 201
    resource = {"group": "", "version": "v1", "resource": "configmaps"}
    document = approvals.delete(resource=resource, name="cm", namespace=server.namespace, uid=made["metadata"]["uid"])
    name = server.ask(document)["metadata"]["name"]
    assert "as of now, not hashed:\n  apiVersion: v1" in server.run("review", name, "-n", server.namespace).stdout
    server.control_plane.kubectl(
        "create", "clusterrole", server.namespace, "--verb=get", "--resource=manifestapprovals.kubeapprove.io"
    )
    server.control_plane.kubectl(
        "create", "rolebinding", "read", f"--clusterrole={server.namespace}", "--user=carol", "-n", server.namespace
    )
    shown = server.run("review", name, "-n", server.namespace, as_="carol").stdout
    assert "You may not read the object" in shown
    assert "some value" not in shown


def decide(server: Server, asked: dict[str, Any]) -> None:
    server.decide(asked)


def deny(server: Server, asked: dict[str, Any]) -> None:
    server.decide(asked, "Denied")


def delete(server: Server, asked: dict[str, Any]) -> None:
    server.control_plane.raw("DELETE", f"{server.path}/{asked['metadata']['name']}")


def replace(server: Server, asked: dict[str, Any]) -> None:
    delete(server, asked)
    server.ask(json.loads(asked["spec"]["change"]), name=asked["metadata"]["name"])


def claim(server: Server, asked: dict[str, Any]) -> None:
    mark = {"requestUID": "r", "at": "2026-01-31T09:00:00.000000Z", "objectVersion": ""}
    path = f"{server.path}/{asked['metadata']['name']}/status"
    assert server.control_plane.raw("PATCH", path, {"status": {"claim": mark}})[0] == 200


def wait(server: Server, folder: Path, name: str, act: Callable[[], None]) -> "subprocess.CompletedProcess[str]":
    """Run `wait`, and act once its kubectl watches."""
    kubectl, watching = folder / "kubectl", folder / "watching"
    kubectl.write_text(
        f'#!/bin/sh\ncase "$*" in *watch=true*) touch {watching};; esac\n'
        f'exec {server.control_plane.kubectl_binary} "$@"\n'
    )
    kubectl.chmod(0o755)

    with server.start("wait", f"{server.namespace}/{name}", "--timeout", "60s", kubectl=kubectl) as process:
        # From this thread: what it starts (a restarted server) ends with it.
        while not watching.exists():
            assert process.poll() is None
            time.sleep(0.02)
        act()
        out, err = process.communicate(timeout=90)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.parametrize(
    ("act", "code", "sentence"),
    [
        (decide, 0, 'approved by alice: "read it"'),
        (deny, 3, 'denied by alice: "read it"'),
        (delete, 6, "was deleted, which revokes it"),
        (replace, 6, "the one that was waited for is gone"),
        (claim, 6, "already used at 2026-01-31 09:00:00 UTC"),
    ],
    ids=["approved", "denied", "deleted", "deleted and asked anew", "used"],
)
def test_wait(
    act: Callable[[Server, dict[str, Any]], None], code: int, sentence: str, server: Server, tmp_path: Path
) -> None:
    asked = server.ask(approvals.delete())
    started = time.monotonic()
    done = wait(server, tmp_path, asked["metadata"]["name"], lambda: act(server, asked))
    assert done.returncode == code, done
    assert sentence in done.stdout
    assert time.monotonic() - started < 25  # long before the watch ends by itself


def test_the_table_of_kinds_is_true(installed: ControlPlane) -> None:
    """Of every built-in group that is served: its plurals and scopes, and none that can be created is forgotten."""
    groups = {group for group, _ in kinds.built_in()}
    served = {"": "v1"}
    for group in installed.raw("GET", "/apis")[1]["groups"]:
        served[group["name"]] = group["preferredVersion"]["version"]
    found = {
        (group, one["kind"]): (one["name"], one["namespaced"])
        for group in groups & served.keys()
        for one in installed.raw("GET", f"/apis/{group}/{served[group]}" if group else "/api/v1")[1]["resources"]
        if "/" not in one["name"] and "update" in one["verbs"]
    }
    known = {key: value for key, value in kinds.built_in().items() if key in found}
    assert known == found
    assert {("apps", "Deployment"), ("", "Pod"), ("networking.k8s.io", "Ingress")} <= known.keys()


def test_wait_for_nothing(server: Server) -> None:
    name = server.ask(approvals.delete())["metadata"]["name"]
    assert server.run("wait", name, "-n", server.namespace, "--timeout", "1s").returncode == 5


@pytest.mark.faults
def test_a_cluster_without_kubeapprove_and_a_server_that_restarts(tmp_path: Path) -> None:
    """On a control plane of its own: nobody else's may restart."""
    with ControlPlane() as bare:
        server = Server(bare, "default")
        done = server.run("list")
        assert done.returncode == 1
        assert "this cluster does not know ManifestApprovals" in done.stderr

        install(bare)
        asked = server.ask(approvals.delete())

        def restart_and_decide() -> None:
            bare.restart_apiserver()
            server.decide(asked)

        done = wait(server, tmp_path, asked["metadata"]["name"], restart_and_decide)
        assert done.returncode == 0, done
