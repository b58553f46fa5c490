"""The commands of docs/runbook.md, typed as a person types them, on a gated cluster whose servers are Deployments' Pods.

There are no nodes: what a Deployment asks for is done by hand after each command, with the processes that stand for it.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from e2e.gated.gated import ROOT, Gated
from e2e.gated.server import SYSTEM_NAMESPACE, Server

_PAGE = ROOT / "docs" / "runbook.md"
_DEPLOYMENTS = f"/apis/apps/v1/namespaces/{SYSTEM_NAMESPACE}/deployments"
_LABEL = "app.kubernetes.io/component"


def commands(heading: str) -> list[str]:
    """Return the commands below a heading, in order; an unfinished line goes on with the next."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", _PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert section is not None, heading
    blocks = re.findall(r"^```sh\n(.*?)^```$", section[1], re.DOTALL | re.MULTILINE)
    found: list[str] = re.findall(r"(?:.*[|\\]\n)*.+\n", "".join(blocks))
    assert found, heading
    return found


class Installed:
    """A gated cluster as the chart installs it, seen by who types; `folder` is where."""

    def __init__(self, gated: Gated, folder: Path) -> None:
        assert gated.operator is not None
        self.gated, self.folder = gated, folder
        self._servers: Mapping[str, Server] = {"webhook": gated.webhook, "operator": gated.operator}
        self._templates: dict[str, Any] = {}
        shutil.copytree(ROOT / "crds", folder / "crds", dirs_exist_ok=True)
        for name in self._servers:
            status, answer = gated.control_plane.raw("POST", _DEPLOYMENTS, _deployment(name))
            assert status == 201, answer
            self._templates[name] = self._spec(name)["template"]

    def type(self, heading: str, seen: Callable[[], None] = lambda: None) -> None:
        """Type every command below a heading; each has to succeed, and `seen` looks after each."""
        for command in commands(heading):
            process = subprocess.Popen(
                ["/bin/bash", "-euo", "pipefail", "-c", command],
                env=self.gated.control_plane.environment(),
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            try:
                output, _ = process.communicate(timeout=60)
            finally:
                process.kill()
            assert process.returncode == 0, f"{command}{output}"
            self._obey()
            seen()

    def _obey(self) -> None:
        for name, server in self._servers.items():
            spec = self._spec(name)
            if spec["replicas"] == 0 or spec["template"] != self._templates[name]:
                server.stop()
                self._templates[name] = spec["template"]
            if spec["replicas"] and not server.is_running:
                server.launch()

    def _spec(self, name: str) -> dict[str, Any]:
        status, answer = self.gated.control_plane.raw("GET", f"{_DEPLOYMENTS}/kubeapprove-{name}")
        assert status == 200, answer
        spec: dict[str, Any] = answer["spec"]
        return spec


def _deployment(name: str) -> dict[str, Any]:
    labels = {_LABEL: name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": "kubeapprove"}]}}
    metadata = {"name": f"kubeapprove-{name}", "labels": labels}
    spec = {"replicas": 3 if name == "webhook" else 1, "selector": {"matchLabels": labels}, "template": pod}
    return {"metadata": metadata, "spec": spec}
