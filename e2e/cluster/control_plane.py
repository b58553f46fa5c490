"""A real etcd, API server and controller manager, and an identity provider, for tests, the demo and the benchmark.

    with ControlPlane() as cp:
        cp.kubectl("get", "namespaces")

Ready in seconds, on free ports, in a folder of its own; gone afterwards, whatever happened. See e2e/node for nodes.
"""

import atexit
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Self

from e2e.cluster import commands, eks, oidc, service_accounts
from e2e.cluster.binaries import Binaries, locate
from e2e.cluster.errors import ClusterError
from e2e.cluster.identities import CONTROLLER_MANAGER, Identities
from e2e.cluster.network import LOOPBACK, Addressing
from e2e.cluster.pki import Authority
from e2e.cluster.ports import free_port
from e2e.cluster.processes import POLL, Mark, Process
from e2e.cluster.provider import FOLDER, Provider

START_TIMEOUT = 60.0
ATTEMPTS = 3
GRACE = 5.0
RESTART_GRACE = 1.0  # the controllers' watches hold a graceful end back; etcd has every write by then
HANGING_UP = (signal.SIGTERM, signal.SIGHUP)


class ControlPlane:
    """One control plane; any number side by side. See `identities.KNOWN` for who may speak to it."""

    def __init__(
        self,
        *,
        state: Path | None = None,
        fsync: bool = False,
        detached: bool = False,
        binaries: Binaries | None = None,
        addressing: Addressing = LOOPBACK,
        admission: Path | None = None,
    ) -> None:
        """Start nothing yet.

        `state`: an existing or new folder to keep; else a temporary one that stop() removes.
        `fsync`: etcd syncs each write to disk, as in production; off, it is faster and loses data with the power.
        `detached`: leave it running after this process; `marks` then says what to end.
        `addressing`: where it listens, an address of this machine, and which addresses its Services get.
        `admission`: an AdmissionConfiguration; the API server reads it at each start.
        """
        self._given_state = state.absolute() if state else None
        self._fsync, self._detached = fsync, detached
        self._binaries, self.addressing, self._admission = binaries, addressing, admission
        self._processes: dict[str, Process] = {}
        self._handlers: dict[int, Any] = {}
        self._stopping = threading.Lock()
        self.state: Path
        self.url: str
        self.ca_file: Path
        self.provider: Provider
        self.kubectl_binary: Path
        self.etcd_dir: Path
        self.audit_log: Path

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def marks(self) -> dict[str, Mark]:
        """Every process, by name: pid and start time."""
        return {name: process.mark for name, process in self._processes.items()}

    def start(self) -> Self:
        """Start everything and return when it answers; on failure nothing is left running, only the logs are."""
        self._binaries = self._binaries or locate()
        self.kubectl_binary = self._binaries.kubectl
        self.state = self._given_state or Path(tempfile.mkdtemp(prefix="kubeapprove-"))
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._detached:
            self._stop_whatever_happens()
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    self._start_once(self._binaries)
                    break
                except ClusterError as error:
                    self._end_processes()
                    if "address already in use" not in str(error).lower() or attempt == ATTEMPTS:
                        raise
        except BaseException:
            self._end_processes()
            self._forget()
            raise
        return self

    def stop(self) -> None:
        """End everything by pid and remove a temporary state folder; a second call does nothing."""
        with self._stopping:
            self._end_processes()
            self._forget()
            if self._given_state is None and hasattr(self, "state"):
                shutil.rmtree(self.state, ignore_errors=True)

    def leave_running(self) -> None:
        """For a detached control plane: forget the processes without ending them."""
        for process in self._processes.values():
            process.disown()
        self._processes.clear()

    def kubeconfig(self, name: str) -> Path:
        """Return a self-contained kubeconfig of a known identity."""
        return self._identities.kubeconfig(name)

    def identity(self, username: str, groups: Sequence[str] = ()) -> Path:
        """Make another client-certificate identity; `as_=username` then names it."""
        return self._identities.identity(username, groups)

    def service_account_token(self, namespace: str, name: str) -> str:
        """Create the ServiceAccount where it is absent and ask for a token of it, good for a day."""
        return service_accounts.token(self.raw, namespace, name)

    def pod_bound_token(self, namespace: str, service_account: str, pod: str) -> str:
        """Ask for a token that is bound to an existing Pod, as the kubelet does."""
        return service_accounts.pod_bound_token(self.raw, namespace, service_account, pod)

    def service_account(self, namespace: str, name: str) -> Path:
        """Return a kubeconfig of a ServiceAccount, `as_="system:serviceaccount:NAMESPACE:NAME"` from then on."""
        token = self.service_account_token(namespace, name)
        return self._identities.add_token(f"system:serviceaccount:{namespace}:{name}", token)

    def oidc_identity(
        self, name: str, groups: Sequence[str] = (), *, uid: str = "", lifetime: dt.timedelta = oidc.LIFETIME
    ) -> Path:
        """Log somebody in at the OIDC issuer, `as_="oidc:NAME"` from then on; the groups get the same prefix."""
        username = oidc.PREFIX + name
        token = self.provider.oidc_token(name, groups, uid=uid, lifetime=lifetime)
        return self._identities.add_token(username, token)

    def eks_identity(
        self,
        role: str,
        session: str,
        *,
        username: str = "",
        groups: Sequence[str] = (),
        lifetime: dt.timedelta = oidc.LIFETIME,
    ) -> Path:
        """Assume an IAM role, `as_=eks.session_arn(role, session)` from then on.

        `username` is what the cluster maps the role to; without one it is the session's ARN. Sessions may share it.
        """
        token = self.provider.eks_token(role, session, username=username, groups=groups, lifetime=lifetime)
        return self._identities.add_token(eks.session_arn(role, session), token)

    def raw(
        self, method: str, path: str, body: Any = None, as_: str = "admin", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One request straight to the API server: status and JSON answer. PATCH is a merge patch unless told."""
        return self._identities.request(method, path, body, as_, headers)

    def kubectl(
        self,
        *args: str,
        as_: str = "admin",
        input: str | None = None,  # noqa: A002
        check: bool = True,
        timeout: float = 30,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl as an identity; plugins beside this Python (`kubectl approve`) are found first."""
        done = subprocess.run(
            [self.kubectl_binary, *args],
            check=False,
            capture_output=True,
            text=True,
            input=input,
            timeout=timeout,
            env=self.environment(as_),
        )
        if check and done.returncode != 0:
            raise ClusterError(
                f"kubectl {' '.join(args)} (as {as_}) exited with {done.returncode}: {done.stderr or done.stdout}"
            )
        return done

    def environment(self, as_: str = "admin") -> dict[str, str]:
        """Environment for a kubectl of an identity: its kubeconfig, its own discovery cache, our programs first."""
        path = os.pathsep.join((str(Path(sys.executable).parent), str(self.kubectl_binary.parent), os.environ["PATH"]))
        return {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig(as_)),
            "KUBECACHEDIR": str(self.state / "kubectl-cache"),
            "PATH": path,
        }

    def restart_apiserver(self) -> None:
        """End the API server and start it again on the same port and data; returns when it answers."""
        self._processes.pop("kube-apiserver").stop(RESTART_GRACE)
        assert self._binaries is not None
        self._run("kube-apiserver", commands.apiserver(self._binaries, self._layout))
        self._wait("the API server", self._ready)

    def restart_store(self, meanwhile: Callable[[Path], None]) -> None:
        """End API server and etcd, let `meanwhile` have etcd's folder, and start both again; all others go on."""
        for name in ("kube-apiserver", "etcd"):
            self._processes.pop(name).stop(RESTART_GRACE)
        meanwhile(self.etcd_dir)
        assert self._binaries is not None
        self._run("etcd", commands.etcd(self._binaries, self._layout, fsync=self._fsync))
        self._run("kube-apiserver", commands.apiserver(self._binaries, self._layout))
        self._wait("the API server", self._ready)

    def _start_once(self, binaries: Binaries) -> None:
        layout = self._prepare()
        self._run(FOLDER, self.provider.command())
        self._run("etcd", commands.etcd(binaries, layout, fsync=self._fsync))
        self._wait("the identity provider", self.provider.listens)
        self._run("kube-apiserver", commands.apiserver(binaries, layout))
        self._wait("the API server", self._ready)
        config = self.kubeconfig(CONTROLLER_MANAGER)
        self._run("kube-controller-manager", commands.controller_manager(binaries, layout, config))
        self._wait("the default ServiceAccount", self._default_account)

    def _prepare(self) -> commands.Layout:
        """Fresh data, certificates and port: nothing of an earlier run in the same folder survives."""
        for name in ("etcd", "pki", "logs", "kubectl-cache", FOLDER):
            shutil.rmtree(self.state / name, ignore_errors=True)
        authority = Authority(self.state / "pki")
        layout = commands.Layout(
            self.state,
            free_port(),
            authority.pair,
            authority.server("apiserver", self.addressing.names),
            authority.signing_key("service-account"),
            authority.client("kubelet-client", "kube-apiserver-kubelet-client", ("system:masters",)),
            self.addressing,
            self._admission,
        )
        layout.audit_policy.write_text(commands.AUDIT_POLICY)
        self._layout = layout
        self.url = f"https://{self.addressing.host}:{layout.port}"
        self.ca_file, self.etcd_dir, self.audit_log = authority.pair.certificate, layout.etcd_dir, layout.audit_log
        self._identities = Identities(authority, self.state, self.url)
        self.provider = Provider(authority, self.state, free_port())
        return layout

    def _run(self, name: str, command: Sequence[str | Path]) -> None:
        log = self.state / "logs" / f"{name}.log"
        self._processes[name] = Process(name, command, cwd=self.state, log=log, detached=self._detached)

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + START_TIMEOUT
        while not ready():
            for process in self._processes.values():
                process.check()
            if time.monotonic() > end:
                raise ClusterError(f"{what} was not ready after {START_TIMEOUT:.0f} s; logs in {self.state / 'logs'}.")
            time.sleep(POLL)

    def _ready(self) -> bool:
        return self._status("/readyz") == 200

    def _default_account(self) -> bool:
        return self._status("/api/v1/namespaces/default/serviceaccounts/default") == 200

    def _status(self, path: str) -> int:
        try:
            return self.raw("GET", path)[0]
        except OSError:
            return 0

    def _end_processes(self) -> None:
        """End controllers and API server first, together; etcd last, so that they can finish what they write."""
        processes = dict(self._processes)
        for name, process in processes.items():
            if name != "etcd":
                process.signal(signal.SIGTERM)
        for name in reversed(processes):
            processes[name].stop(GRACE)
            del self._processes[name]

    def _stop_whatever_happens(self) -> None:
        """Ctrl-C raises by itself; make SIGTERM and SIGHUP raise too, so that `with`, `finally` and atexit all run."""
        atexit.register(self.stop)
        if threading.current_thread() is threading.main_thread():
            for number in HANGING_UP:
                if signal.getsignal(number) is signal.SIG_DFL:
                    self._handlers[number] = signal.signal(number, _exit)

    def _forget(self) -> None:
        atexit.unregister(self.stop)
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._handlers.clear()


def _exit(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
