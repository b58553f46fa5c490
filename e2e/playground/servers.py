"""The playground's own servers: what is needed to start one again beside a control plane that went on without it."""

import json
import os
import subprocess
from pathlib import Path

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Mark, Process
from e2e.gated.health import health
from e2e.gated.operator import Operator
from e2e.gated.server import SYSTEM_NAMESPACE, Server
from e2e.gated.webhook import Webhook
from e2e.waiting import wait_until

NAMES = (Webhook.program, Operator.program)
_TOKEN_DAYS = 30  # as long as the certificates are good


def keep(server: Server, control_plane: ControlPlane) -> None:
    """Note how it was started, and give it a token that lasts as long as a playground may."""
    line = Path(f"/proc/{server.mark.pid}/cmdline").read_text().rstrip("\0").split("\0")
    kept = {
        "command": ["/usr/bin/env", f"KUBEAPPROVE_SETTINGS={server.settings_file}", *line],
        "health": server.health_port,
        "state": str(server.state),
        "log": str(server.log),
    }
    _note(control_plane.state, server.program).write_text(json.dumps(kept))
    _write_token(server.program, server.state / "token", control_plane.kubeconfig("admin"))


def restart(cluster: Path, name: str) -> Mark:
    """Start it as it was, at the same address; returns when it is ready."""
    kept = json.loads(_note(cluster, name).read_text())
    _write_token(name, Path(kept["state"]) / "token", cluster / "admin.kubeconfig")
    process = Process(name, kept["command"], cwd=Path.cwd(), log=Path(kept["log"]), detached=True)

    def ready() -> bool:
        process.check()
        return health(kept["health"], "/readyz")[0] == 200

    try:
        wait_until(ready, f"{name} was ready again")
    except BaseException:
        process.stop(1)
        raise
    mark = process.mark
    process.disown()
    return mark


def _note(cluster: Path, name: str) -> Path:
    return cluster / f"{name}-command.json"


def _write_token(name: str, path: Path, kubeconfig: Path) -> None:
    done = subprocess.run(
        [
            *(locate(build=False).kubectl, f"--kubeconfig={kubeconfig}", f"--namespace={SYSTEM_NAMESPACE}"),
            *("create", "token", name, f"--duration={_TOKEN_DAYS * 24}h"),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "KUBECACHEDIR": str(kubeconfig.parent / "kubectl-cache")},
    )
    if done.returncode != 0:
        raise ClusterError(f"no token for {name}: {done.stderr.strip()}")
    path.write_text(done.stdout.strip())
