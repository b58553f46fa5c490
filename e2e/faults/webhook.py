"""A webhook that reaches its API server through a proxy."""

from pathlib import Path

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.webhook import Webhook


class ProxiedWebhook(Webhook):
    """`ca_file` is the CA of the proxy's certificate."""

    def __init__(self, control_plane: ControlPlane, state: Path, *, proxy: str, ca_file: Path) -> None:
        super().__init__(control_plane, state)
        self._proxy, self._ca_file = proxy, ca_file

    @property
    def api_server(self) -> str:
        """URL of the proxy."""
        return self._proxy

    @property
    def api_ca(self) -> Path:
        """CA of the proxy."""
        return self._ca_file
