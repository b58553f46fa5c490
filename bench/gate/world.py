"""Everything that runs meanwhile: a control plane with fsync, three webhooks, and somebody else who writes."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.gate import plan
from bench.gate.loading import Expected, Loader, as_lines
from bench.gate.programs import Programs
from bench.gate.registrations import Registrations, go_webhook
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.ports import free_port
from e2e.cluster.processes import Process
from e2e.gated.gated import Gated
from e2e.gated.policies import GROUP_OF_AGENTS, group, policy, rule
from e2e.waiting import wait_until
from tests.gate.asking import WEBHOOK

BACKGROUND_PER_SECOND = 50
_STOP_SECONDS = 5.0
_ETCD_QUOTA_BYTES = 8 * 1024**3
_USERS = (plan.PERSON, plan.ALLOWED, plan.GATED)
# The most that settings allow: the agent files requests by hundreds, and what bounds them is not what is measured.
_SETTINGS: dict[str, object] = {"maxPending": 10_000}
_ONLY_LABELS = "change.fields.all(f, f.path[0] == 'metadata' && f.path[1] == 'labels')"
_RULED: dict[str, Any] = {"operations": ["UPDATE"], "apiGroups": [""], "resources": ["podtemplates"]}
_POLICY = policy(
    "agents",
    [group(GROUP_OF_AGENTS)],
    [rule("labels", "Allow", namespaces=[plan.RULED_NAMESPACE], when=_ONLY_LABELS, **_RULED)],
)


@dataclass(frozen=True, slots=True)
class World:
    """A gated control plane, ready to be measured. `pids`: `kubeapprove`, `gate` and `allow`, and the API server."""

    control_plane: ControlPlane
    gated: Gated
    loader: Loader
    registrations: Registrations
    pids: dict[str, int]


@contextmanager
def running(programs: Programs) -> Iterator[World]:
    """Start all of it; everything has ended afterwards, by its pid."""
    # A benchmark writes more in five minutes, before the first compaction, than etcd's default of 2 GiB holds.
    os.environ["ETCD_QUOTA_BACKEND_BYTES"] = str(_ETCD_QUOTA_BYTES)
    with ExitStack() as ending:
        control_plane = ending.enter_context(ControlPlane(fsync=True))
        gated = ending.enter_context(Gated(control_plane, settings=_SETTINGS, policies=[_POLICY]))
        loader = Loader(programs.load, control_plane)
        _prepare(control_plane, loader)
        servers = _Servers(control_plane, gated, ending)
        allow = servers.start("allow", programs.allow)
        gate = servers.start("gate", programs.gate, f"-kubeconfig={_webhook_account(control_plane)}")
        theirs = [allow.configuration(plan.ALLOWED), gate.configuration(plan.GATED)]
        registrations = Registrations(control_plane, theirs)
        registrations.put_back()
        writer = _write_in_the_background(loader, control_plane, ending)
        pids = {
            "kubeapprove": gated.webhook.mark.pid,
            "gate": gate.process.pid,
            "allow": allow.process.pid,
            "kube-apiserver": control_plane.marks["kube-apiserver"].pid,
        }
        yield World(control_plane, gated, loader, registrations, pids)
        writer.check()  # without other writes all along, the figures are of an idle cluster


def _prepare(control_plane: ControlPlane, loader: Loader) -> None:
    """Make namespaces, identities of equal rights, and the objects that are updated."""
    for namespace in (plan.NAMESPACE, plan.UNCHANGED_NAMESPACE, plan.RULED_NAMESPACE):
        _made(control_plane, "/api/v1/namespaces", {"metadata": {"name": namespace}})
        account = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        wait_until(_is_there(control_plane, account), f"namespace {namespace} had its ServiceAccount")
    for username in _USERS:
        control_plane.identity(username, ["bench"])
    # As the agents: another way to the same rights would be another time to authorize.
    binding = {
        "metadata": {"name": "bench"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "bench"}],
    }
    _made(control_plane, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)
    others = {"metadata": {"name": "others"}, "data": {"text": ""}}
    _made(control_plane, f"/api/v1/namespaces/{plan.UNCHANGED_NAMESPACE}/configmaps", others)
    for namespace in (plan.UNCHANGED_NAMESPACE, plan.RULED_NAMESPACE):
        loader.send(plan.updated_objects(namespace), Expected(201))


def _made(control_plane: ControlPlane, path: str, body: dict[str, Any]) -> None:
    status, answer = control_plane.raw("POST", path, body)
    if status != 201:
        raise ClusterError(f"cannot create {body['metadata']['name']}: {answer.get('message', status)}")


def _is_there(control_plane: ControlPlane, path: str) -> Callable[[], bool]:
    return lambda: control_plane.raw("GET", path)[0] == 200


def _webhook_account(control_plane: ControlPlane) -> Path:
    """Return a kubeconfig of our webhook's own ServiceAccount: both gates have the same rights and priority."""
    _, _, namespace, name = WEBHOOK.split(":")
    return control_plane.service_account(namespace, name)


@dataclass(frozen=True, slots=True)
class Server:
    """A Go webhook that runs."""

    name: str
    process: Process
    url: str
    ca: str

    def configuration(self, username: str) -> dict[str, Any]:
        """Return the registration that brings it the writes of one user."""
        return go_webhook(self.name, url=self.url, ca=self.ca, username=username)


@dataclass(frozen=True, slots=True)
class _Servers:
    control_plane: ControlPlane
    gated: Gated
    ending: ExitStack

    def start(self, name: str, program: Path, *more: str) -> Server:
        """Start a Go webhook on a free port; the API server's first question finds it listening."""
        address = f"127.0.0.1:{free_port()}"
        pair = self.gated.authority.server(f"go-{name}", ("127.0.0.1",))
        command: list[str | Path] = [
            program,
            f"-listen={address}",
            f"-cert={pair.certificate}",
            f"-key={pair.key}",
            *more,
        ]
        state = self.control_plane.state
        process = Process(name, [*command, *more], cwd=state, log=state / "logs" / f"go-{name}.log", detached=False)
        self.ending.callback(process.stop, _STOP_SECONDS)
        ca = base64.b64encode(self.gated.authority.pair.certificate.read_bytes()).decode()
        return Server(name, process, f"https://{address}", ca)


def _write_in_the_background(loader: Loader, control_plane: ControlPlane, ending: ExitStack) -> Process:
    """Start the other writer: an idle API server answers some reads faster than any real one."""
    source = control_plane.state / "background.jsonl"
    source.write_text(as_lines(plan.background_writes()))
    command = [*loader.command("admin"), f"-rate={BACKGROUND_PER_SECOND}", f"-plan={source}"]
    log = control_plane.state / "logs" / "background.log"
    writer = Process("background writer", command, cwd=control_plane.state, log=log, detached=False)
    ending.callback(writer.stop, _STOP_SECONDS)
    return writer
