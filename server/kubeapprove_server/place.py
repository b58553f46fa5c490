"""Where the API server finds the webhook, as the options say it; checked before anything is registered.

What is wrong here stops every agent and every decision once it is registered: the API server cannot ask then.
Not checked: whether anybody answers there, and whether this CA signed its certificate.
"""

import base64
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kubeapprove.registration import Endpoint
from kubeapprove_server.errors import StartupError
from kubeapprove_server.secret_path import read_path

SERVICE = "kubeapprove-webhook"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""An RFC 1123 label, the widest that a Service's name may be."""


@dataclass(frozen=True, slots=True)
class Place:
    """A base URL, or a Service in our namespace (`SERVICE` where neither is given)."""

    url: str = ""
    service: str = ""

    def check(self) -> None:
        """Raise StartupError where the address cannot be meant like this."""
        if self.url and self.service:
            raise StartupError("--url and --service exclude each other: give the one where the webhook is")
        if self.service and not _NAME.fullmatch(self.service):
            raise StartupError(
                f"--service {self.service!r} is no name of a Service: give the bare name of one in our namespace"
            )
        if self.url:
            _check_url(self.url)

    def endpoint(self, secret: Mapping[str, Any], namespace: str, ca: bytes) -> Endpoint:
        """Return what to register, with the path from its Secret and whom the API server is to trust, as PEM."""
        return Endpoint(
            secret_path=read_path(secret, namespace),
            ca_bundle=base64.b64encode(ca).decode("ascii"),
            url=self.url,
            service_namespace=namespace,
            service_name=self.service or SERVICE,
        )

    def names(self, namespace: str) -> tuple[str, ...]:
        """Return the host names or addresses that a serving certificate has to be for."""
        if self.url:
            return (urlsplit(self.url).hostname or "",)
        name = f"{self.service or SERVICE}.{namespace}.svc"
        return (name, f"{name}.cluster.local")


def read_ca(path: Path) -> bytes:
    """Return the CA file's bytes; raises StartupError where the API server could not read them either."""
    try:
        ca = path.read_bytes()
    except OSError as error:
        raise StartupError(f"{path} cannot be read ({error.strerror}): correct --ca-file") from None
    if not is_ca(ca):
        raise StartupError(f"{path} holds no CA certificate in PEM: correct --ca-file")
    return ca


def is_ca(pem: bytes) -> bool:
    """Whether these bytes are certificates that the API server can read."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem.decode("ascii"))
    except (UnicodeDecodeError, ValueError, ssl.SSLError):
        return False
    return True


def _check_url(url: str) -> None:
    """Check what the API server checks (webhook.ValidateWebhookURL), which would refuse it only at the end."""
    if not url.startswith("https://"):
        raise StartupError(f"--url {url} must begin with https://: the API server asks no webhook without TLS")
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_plain = False
    if not (is_plain and url.isascii() and url.isprintable()) or any(sign in url for sign in "?#@ "):
        raise StartupError(f"--url {url!r} must be https://HOST[:PORT][/PATH], in ASCII, and nothing else: correct it")
