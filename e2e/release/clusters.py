"""What a cluster has to give so that the chart can be tried in it, whoever made it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from e2e.node.images import Image


class Access(Protocol):
    """Requests and kubectl as somebody: `admin`, a ServiceAccount that was made here, or a person of any name."""

    @property
    def state(self) -> Path:
        """A folder of this run's own."""

    def kubectl(
        self,
        *args: str,
        as_: str = "admin",
        input: str | None = None,  # noqa: A002
        check: bool = True,
        timeout: float = 30,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl."""

    def raw(
        self, method: str, path: str, body: Any = None, as_: str = "admin", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One request straight to the API server: status and JSON answer. PATCH is a merge patch unless told."""

    def service_account(self, namespace: str, name: str) -> Path:
        """Make a ServiceAccount where it is absent; `as_="system:serviceaccount:NAMESPACE:NAME"` from then on."""


class Cluster(Protocol):
    """One cluster with at least one node. `image` is what its nodes run as kubeapprove."""

    @property
    def control_plane(self) -> Access:
        """How it is spoken to."""

    def import_image(self, image: Image) -> None:
        """Make an image known to every node."""

    def helm(self, *args: str, as_: str = "admin", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Helm."""

    def wait_available(self, namespace: str, deployment: str, seconds: float = 60) -> None:
        """Return when every replica of a Deployment is available."""
