"""One operator process beside a control plane and its webhook."""

from pathlib import Path

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.server import Server


class Operator(Server):
    """It registers the webhook at `url`, whose certificate `ca_file` signed."""

    program = "kubeapprove-operator"

    def __init__(
        self, control_plane: ControlPlane, state: Path, *, url: str, ca_file: Path, detached: bool = False
    ) -> None:
        super().__init__(control_plane, state, detached=detached)
        self.url, self.ca_file = url, ca_file

    def arguments(self) -> list[str]:
        """Return `run` and what to register."""
        return ["run", f"--url={self.url}", f"--ca-file={self.ca_file}"]
