"""Any cluster that a kubeconfig reaches (`E2E_CLUSTER=current`), and one that kind makes (`E2E_CLUSTER=kind`).

It has to be without a kubeapprove of its own, and is left as it was. People are played by impersonation, as whoever has
a cluster-admin's kubeconfig can.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from e2e.cluster import service_accounts
from e2e.cluster.errors import ClusterError
from e2e.cluster.identities import document
from e2e.cluster.processes import Process
from e2e.node.images import Image, archive
from e2e.release.connections import SocketConnection, direct
from e2e.release.installation import AI, APPROVALS, SYSTEM
from e2e.waiting import wait_until

HELM_TIMEOUT = 600.0
KIND_TIMEOUT = 600.0
KIND_NODES = {
    "kind": "Cluster",
    "apiVersion": "kind.x-k8s.io/v1alpha4",
    "nodes": [{"role": "control-plane"}, {"role": "worker"}, {"role": "worker"}],
}
_DEFINITIONS = ("manifestapprovals.kubeapprove.io", "approvalpolicies.kubeapprove.io")


class CurrentCluster:
    """The cluster of a kubeconfig's current context, as it was when this was started; both `Cluster` and `Access`."""

    def __init__(self, kubeconfig: str = "", *, kubectl: str = "kubectl", helm: str = "helm") -> None:
        """`kubeconfig`: as in $KUBECONFIG; empty: what kubectl takes by itself."""
        self._given = kubeconfig
        self._programs = {"kubectl": kubectl, "helm": helm}
        self._stack = ExitStack()
        self._tokens: dict[str, str] = {}
        self.state: Path

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def control_plane(self) -> Self:
        """This cluster is how it is spoken to."""
        return self

    def start(self) -> Self:
        """Take the context as it is now, and refuse a cluster that has a kubeapprove, or things named like ours."""
        for name, program in self._programs.items():
            if shutil.which(program) is None:
                raise ClusterError(f"{name} is not on the PATH: install it and try again.")
        with ExitStack() as stack:
            self.state = Path(tempfile.mkdtemp(prefix="kubeapprove-"))
            stack.callback(shutil.rmtree, self.state, ignore_errors=True)
            self._take_context()
            self._refuse_what_is_used()
            proxy = [
                self._programs["kubectl"],
                f"--kubeconfig={self._config}",
                "proxy",
                f"--unix-socket={self._socket}",
            ]
            running = Process("proxy", proxy, cwd=self.state, log=self.state / "proxy.log", detached=False)
            stack.callback(running.stop, 5.0)
            wait_until(self._socket.exists, "kubectl proxy listened")
            stack.callback(self._clean)
            self._stack = stack.pop_all()
        return self

    def stop(self) -> None:
        """Take away what the suite has made, and end the proxy."""
        self._stack.close()

    def kubectl(
        self,
        *args: str,
        as_: str = "admin",
        input: str | None = None,  # noqa: A002
        check: bool = True,
        timeout: float = 30,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl as the kubeconfig's own user, or as a person by impersonation."""
        return self._run("kubectl", args, as_, check=check, timeout=2 * timeout, input_=input)

    def helm(self, *args: str, as_: str = "admin", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Helm."""
        return self._run("helm", args, as_, check=check, timeout=HELM_TIMEOUT)

    def raw(
        self, method: str, path: str, body: Any = None, as_: str = "admin", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One request: as the kubeconfig's user through kubectl's proxy, as a ServiceAccount with its token."""
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", f"application/{'merge-patch+' if method == 'PATCH' else ''}json")
        if as_ != "admin":
            sent["Authorization"] = f"Bearer {self._tokens[as_]}"
        connection = SocketConnection(self._socket) if as_ == "admin" else direct(self._server())
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), sent)
            answer = connection.getresponse()
            return answer.status, document(answer.read())
        finally:
            connection.close()

    def service_account(self, namespace: str, name: str) -> Path:
        """Make a ServiceAccount where it is absent; `as_="system:serviceaccount:NAMESPACE:NAME"` from then on."""
        username = f"system:serviceaccount:{namespace}:{name}"
        self._tokens[username] = service_accounts.token(self.raw, namespace, name)
        return self._config

    def import_image(self, image: Image) -> None:
        """Nothing can be brought to nodes that are not ours."""
        raise ClusterError(
            f"{image.name} cannot be brought to this cluster's nodes: push it to a registry that they can pull "
            "from and name it in E2E_IMAGE."
        )

    def wait_available(self, namespace: str, deployment: str, seconds: float = 60) -> None:
        """Return when every replica of a Deployment is available."""
        rollout = ("rollout", "status", f"deployment/{deployment}", f"--namespace={namespace}")
        self.kubectl(*rollout, f"--timeout={seconds:.0f}s", timeout=seconds + 10)

    @property
    def _config(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def _socket(self) -> Path:
        return self.state / "proxy.sock"

    def _take_context(self) -> None:
        view = (self._programs["kubectl"], "config", "view", "--raw", "--minify", "--flatten", "--output=json")
        environment = {**os.environ, **({"KUBECONFIG": self._given} if self._given else {})}
        done = subprocess.run(view, check=False, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise ClusterError(f"no current context to try the chart in: {done.stderr.strip()}")
        self._config.touch(mode=0o600)
        self._config.write_text(done.stdout)

    def _refuse_what_is_used(self) -> None:
        names = (f"namespace/{SYSTEM}", f"namespace/{APPROVALS}", f"namespace/{AI}", f"clusterrole/{AI}-deployer")
        ours = (*names, *(f"customresourcedefinition/{name}" for name in _DEFINITIONS))
        found = self.kubectl("get", *ours, "--ignore-not-found", "--output=name").stdout.split()
        if found:
            raise ClusterError(
                f"the current cluster has {', '.join(found)} already: these tests install, break and remove "
                "kubeapprove, so they run only in a cluster that is without it."
            )

    def _clean(self) -> None:
        delete = ("delete", "--ignore-not-found", "--timeout=60s")
        registration = ("validatingwebhookconfiguration/kubeapprove", "mutatingwebhookconfiguration/kubeapprove")
        self.kubectl(*delete, *registration, check=False, timeout=70)
        self.kubectl(*delete, *(f"customresourcedefinition/{name}" for name in _DEFINITIONS), check=False, timeout=70)
        namespaces = (f"namespace/{SYSTEM}", f"namespace/{APPROVALS}", f"namespace/{AI}")
        rights = (f"clusterrole/{AI}-deployer", f"clusterrolebinding/{AI}-deployer")
        self.kubectl(*delete, *namespaces, *rights, check=False, timeout=70)

    def _run(
        self,
        program: str,
        args: tuple[str, ...],
        as_: str,
        *,
        check: bool,
        timeout: float,
        input_: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where `kubectl approve` is
        environment = {**os.environ, "KUBECONFIG": str(self._person(as_)), "PATH": path}
        environment |= {f"HELM_{kind}_HOME": str(self.state / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
        done = subprocess.run(
            [self._programs[program], *args],
            check=False,
            capture_output=True,
            text=True,
            input=input_,
            timeout=timeout,
            env=environment,
        )
        if check and done.returncode != 0:
            said = done.stderr or done.stdout
            raise ClusterError(f"{program} {' '.join(args)} (as {as_}) exited with {done.returncode}: {said}")
        return done

    def _person(self, name: str) -> Path:
        """Return a kubeconfig that acts as somebody; plugins and Helm take it like any other."""
        if name == "admin":
            return self._config
        path = self.state / f"{name}.kubeconfig"
        config = json.loads(self._config.read_text())
        config["users"][0]["user"] |= {"as": name, "as-groups": ["system:authenticated"]}
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return path

    def _server(self) -> dict[str, str]:
        server: dict[str, str] = json.loads(self._config.read_text())["clusters"][0]["cluster"]
        return server


class KindCluster(CurrentCluster):
    """A cluster of three nodes in containers, made and deleted by kind, with images of ours."""

    def start(self) -> Self:
        """Make it, which takes a minute or two and pulls the node's image (E2E_KIND_IMAGE names another)."""
        if shutil.which("kind") is None:
            raise ClusterError("kind is not on the PATH: install it and Docker or Podman, or leave E2E_CLUSTER away.")
        self._name = f"kubeapprove-{uuid4().hex[:8]}"
        folder = Path(tempfile.mkdtemp(prefix="kubeapprove-"))
        made = ExitStack()
        made.callback(shutil.rmtree, folder, ignore_errors=True)
        made.callback(self._kind, "delete", "cluster")
        with made:
            (folder / "kind.json").write_text(json.dumps(KIND_NODES))
            where = (f"--kubeconfig={folder / 'kubeconfig'}", f"--config={folder / 'kind.json'}", "--wait=120s")
            image = os.environ.get("E2E_KIND_IMAGE")
            self._kind("create", "cluster", *where, *([f"--image={image}"] if image else []))
            self._given = str(folder / "kubeconfig")
            super().start()
            self._made = made.pop_all()
        return self

    def stop(self) -> None:
        """Delete it."""
        try:
            super().stop()
        finally:
            self._made.close()

    def import_image(self, image: Image) -> None:
        """Load it into every node."""
        packed = archive(image, self.state / "import.tar")
        try:
            self._kind("load", "image-archive", str(packed))
        finally:
            packed.unlink()

    def _kind(self, *args: str) -> None:
        command = ["kind", *args, f"--name={self._name}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=KIND_TIMEOUT)
        if done.returncode != 0:
            raise ClusterError(f"kind {' '.join(args)} exited with {done.returncode}: {done.stderr or done.stdout}")
