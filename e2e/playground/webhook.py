"""The playground's webhook: what is needed to start it again beside a control plane that went on without it."""

import http.client
import json
import os
import subprocess
from pathlib import Path

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Mark, Process
from e2e.gated.server import SYSTEM_NAMESPACE
from e2e.gated.webhook import SERVICE_ACCOUNT, Webhook
from e2e.waiting import wait_until

NAME = "kubeapprove-webhook"
_COMMAND = "webhook-command.json"
_TOKEN_DAYS = 30  # as long as the certificates are good


def keep(webhook: Webhook, control_plane: ControlPlane) -> None:
    """Note how it was started, and give it a token that lasts as long as a playground may."""
    line = Path(f"/proc/{webhook.mark.pid}/cmdline").read_text().rstrip("\0").split("\0")
    kept = {
        "command": ["/usr/bin/env", f"KUBEAPPROVE_SETTINGS={webhook.settings_file}", *line],
        "health": webhook.health_port,
        "state": str(webhook.state),
    }
    (control_plane.state / _COMMAND).write_text(json.dumps(kept))
    _write_token(webhook.state / "token", control_plane.kubeconfig("admin"))


def restart(cluster: Path) -> Mark:
    """Start it as it was, at the address that is registered; returns when it is ready."""
    kept = json.loads((cluster / _COMMAND).read_text())
    state = Path(kept["state"])
    _write_token(state / "token", cluster / "admin.kubeconfig")
    process = Process(NAME, kept["command"], cwd=Path.cwd(), log=state / "webhook.log", detached=True)

    def ready() -> bool:
        process.check()
        return _is_ready(kept["health"])

    try:
        wait_until(ready, "the webhook was ready again")
    except BaseException:
        process.stop(1)
        raise
    mark = process.mark
    process.disown()
    return mark


def _write_token(path: Path, kubeconfig: Path) -> None:
    done = subprocess.run(
        [
            *(locate(build=False).kubectl, f"--kubeconfig={kubeconfig}", f"--namespace={SYSTEM_NAMESPACE}"),
            *("create", "token", SERVICE_ACCOUNT, f"--duration={_TOKEN_DAYS * 24}h"),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "KUBECACHEDIR": str(kubeconfig.parent / "kubectl-cache")},
    )
    if done.returncode != 0:
        raise ClusterError(f"no token for the webhook: {done.stderr.strip()}")
    path.write_text(done.stdout.strip())


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
