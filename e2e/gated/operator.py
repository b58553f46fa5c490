"""One operator process beside a control plane and its webhook."""

from pathlib import Path

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.server import Server


class Operator(Server):
    """It registers the webhook at `url`: with `ca_file`, or with an authority of its own and these two lives."""

    program = "kubeapprove-operator"

    def __init__(
        self,
        control_plane: ControlPlane,
        state: Path,
        *,
        url: str,
        ca_file: Path,
        lives: tuple[str, str] | None = None,
        detached: bool = False,
    ) -> None:
        super().__init__(control_plane, state, detached=detached)
        self.url, self.ca_file, self.lives = url, ca_file, lives

    def arguments(self) -> list[str]:
        """Return `run` and what to register."""
        if self.lives is None:
            return ["run", f"--url={self.url}", f"--ca-file={self.ca_file}"]
        authority, certificate = self.lives
        return ["run", f"--url={self.url}", f"--authority-life={authority}", f"--certificate-life={certificate}"]
