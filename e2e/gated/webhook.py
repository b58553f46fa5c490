"""One webhook process beside a control plane."""

from pathlib import Path
from typing import Final

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.pki import Authority
from e2e.cluster.ports import free_port
from e2e.gated.server import Server

DEFAULT_SETTINGS: dict[str, object] = {"maxPending": 50}

SERVICE_ACCOUNT: Final = "kubeapprove-webhook"


class Webhook(Server):
    """`state` holds its certificate too."""

    program = SERVICE_ACCOUNT
    is_measured = False  # the tests in tests/webhook reach all of it

    def __init__(
        self, control_plane: ControlPlane, state: Path, *, tls_secret: str = "", detached: bool = False
    ) -> None:
        """With `tls_secret` it serves what the operator keeps there, in place of a pair of its own."""
        super().__init__(control_plane, state, detached=detached)
        self.port, self._tls_secret = free_port(), tls_secret

    @property
    def url(self) -> str:
        """Base URL of the webhook's port."""
        return f"https://127.0.0.1:{self.port}"

    def prepare(self, authority: Authority, settings: dict[str, object]) -> None:
        """Write certificate, token and settings."""
        self.write_files(settings)
        self._serving = authority.server(f"webhook-{self.port}", ("127.0.0.1",))

    def arguments(self) -> list[str]:
        """Return `serve` and where to listen."""
        pair = [f"--tls-certificate={self._serving.certificate}", f"--tls-key={self._serving.key}"]
        tls = [f"--tls-secret={self._tls_secret}"] if self._tls_secret else pair
        return ["serve", "--host=127.0.0.1", f"--port={self.port}", *tls]

    def answers(self) -> int:
        """Return how many requests it has answered, 0 where it does not run."""
        return int(self.metric("kubeapprove_verdicts_total{"))
