"""Plain connections to an API server that is not ours."""

import base64
import http.client
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT = 60.0


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as `kubectl proxy` listens on one: only who may open the file is the admin."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


def direct(cluster: Mapping[str, str]) -> http.client.HTTPConnection:
    """Connect to the server of a kubeconfig's `cluster`, without anybody's credentials."""
    url = urlsplit(cluster["server"])
    if url.scheme == "http":
        return http.client.HTTPConnection(str(url.hostname), url.port, timeout=TIMEOUT)
    authority = cluster.get("certificate-authority-data")
    trusted = base64.b64decode(authority).decode() if authority else None
    context = ssl.create_default_context(cadata=trusted)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(str(url.hostname), url.port, timeout=TIMEOUT, context=context)
