"""The certificate that the webhook serves with: from two files or from a Secret, and taken anew whenever it changes.

A handshake takes the context that is current when its first message arrives; connections that stand are not touched. A
new pair is tried in memory before it is taken: one that no client would accept leaves the old one in place, and log and
metrics say so. Readiness goes only where the one that is served has ended.
"""

import asyncio
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final, Protocol

import structlog
from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kubeapprove_server.errors import KubeapproveServerError, StartupError
from kubeapprove_server.metrics import CERTIFICATE_EXPIRY, REGISTRY
from kubeapprove_server.secret_path import stored_value
from kubeapprove_webhook.api import Api

PERIOD: Final = 2.0
"""Seconds between two looks."""
_WITHIN: Final = 5.0
_LOG = structlog.get_logger("kubeapprove.webhook")
_RELOADS = Counter(
    "kubeapprove_certificate_reloads_total", "Certificates taken, and refused ones.", ["outcome"], registry=REGISTRY
)


@dataclass(frozen=True, slots=True)
class Pem:
    """A serving certificate chain and its key."""

    chain: bytes
    key: bytes


class Source(Protocol):
    """Where the pair comes from; `str` names it in messages. `patience`: seconds to wait for it at the start."""

    patience: ClassVar[float]

    async def read(self) -> Pem:
        """Return the pair as it is now; raises KubeapproveServerError."""


@dataclass(frozen=True, slots=True)
class Files:
    """Two files: of a mounted Secret, or put there by hand."""

    patience: ClassVar[float] = 0.0

    chain: Path
    key: Path

    def __str__(self) -> str:
        """The names that a person gave."""
        return f"{self.chain} with key {self.key}"

    async def read(self) -> Pem:
        """Read both, small and local, on the spot."""
        try:
            return Pem(self.chain.read_bytes(), self.key.read_bytes())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StartupError(
                f"the serving certificate {self} cannot be used ({why}): give a matching PEM pair"
            ) from None


@dataclass(frozen=True, slots=True)
class Secret:
    """`tls.crt` and `tls.key` of a Secret in our namespace, as the operator or cert-manager keeps them."""

    patience: ClassVar[float] = 60.0

    api: Api
    namespace: str
    name: str

    def __str__(self) -> str:
        """The Secret's name."""
        return f"in Secret {self.namespace}/{self.name}"

    async def read(self) -> Pem:
        """Read it from the API server."""
        secret = await self.api.get_secret(self.namespace, self.name, within=_WITHIN)
        if secret is None:
            raise StartupError(
                f"Secret {self.namespace}/{self.name} does not exist: start the operator or cert-manager, which make it"
            )
        return Pem(stored_value(secret, "tls.crt"), stored_value(secret, "tls.key"))


class Serving:
    """`load` it, give `context` to the server, and `keep` it in the background."""

    def __init__(self, source: Source, client_ca: Path | None = None) -> None:
        """With `client_ca` only clients whose certificate it signed get a connection."""
        self._source, self._client_ca = source, client_ca
        self._pem: Pem | None = None
        self._current: ssl.SSLContext | None = None
        self._ends = datetime.max.replace(tzinfo=UTC)
        self._refused = ""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CERTIFICATE_EXPIRY.labels("served").set_function(self._left)

    def _left(self) -> float:
        return (self._ends - datetime.now(UTC)).total_seconds()

    async def load(self) -> None:
        """Take the pair for the first time; raises StartupError where no client could accept it.

        Who makes it may be starting as we are: one that is not there yet is waited for.
        """
        end = time.monotonic() + self._source.patience
        while True:
            try:
                self._take(await self._source.read())
                break
            except KubeapproveServerError as error:
                if time.monotonic() > end:
                    raise
                _LOG.info("waiting for the serving certificate", why=str(error))
                await asyncio.sleep(PERIOD)
        assert self._current is not None  # noqa: S101 (for the types)
        self.context = self._new(self._pem or Pem(b"", b""))
        self.context.sni_callback = self._choose

    async def keep(self) -> None:
        """Look for another pair until cancelled."""
        while True:
            await asyncio.sleep(PERIOD)
            await self.look()

    async def look(self) -> None:
        """Take another pair where there is one that can be used."""
        try:
            pem = await self._source.read()
            if pem != self._pem:
                self._take(pem)
                _RELOADS.labels("taken").inc()
                _LOG.info("serving certificate taken", ends=self._ends.isoformat())
            self._refused = ""
        except KubeapproveServerError as error:
            if self._refused != str(error):
                _RELOADS.labels("refused").inc()
                _LOG.error("serving certificate not taken, the old one stays", error=str(error))
            self._refused = str(error)

    @property
    def problem(self) -> str | None:
        """Why nobody can be served, None while the certificate is good, also where another was not taken."""
        if self._left() > 0:
            return None
        return f"the serving certificate {self._source} has ended: issue a new one" + (
            self._refused and f" ({self._refused})"
        )

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _: str | None, __: ssl.SSLContext) -> None:
        """Called by the TLS library for each handshake, with or without a server name."""
        if self._current is not None:
            connection.context = self._current

    def _take(self, pem: Pem) -> None:
        context = self._new(pem)
        self._ends = self._shake_hands(context, pem)
        self._pem, self._current = pem, context

    def _new(self, pem: Pem) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            with _file(pem.chain) as chain, _file(pem.key) as key:
                context.load_cert_chain(chain, key, password="")
        except (OSError, ssl.SSLError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise StartupError(
                f"the serving certificate {self._source} cannot be used ({why}): give a matching PEM pair"
            ) from None
        if self._client_ca is not None:
            _ask_for_clients(context, self._client_ca)
        return context

    def _shake_hands(self, server: ssl.SSLContext, pem: Pem) -> datetime:
        """Meet ourselves in memory as a client that trusts this very certificate, and return when it ends.

        Expired, not yet valid, for another purpose: an API server would refuse every call, and the agents' refusals
        would not say why.
        """
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if self._client_ca is not None else server
        if plain is not server:  # our own client has no certificate to show
            with _file(pem.chain) as chain, _file(pem.key) as key:
                plain.load_cert_chain(chain, key, password="")
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # Between the certificates may stand whose they are, in any letters.
        client.load_verify_locations(cadata=pem.chain.decode("ascii", errors="ignore"))
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = client.wrap_bio(to_client, to_server)
        ends = (ours, plain.wrap_bio(to_server, to_client, server_side=True))
        for end in (*ends, *ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                raise StartupError(
                    f"the serving certificate {self._source} would be refused ({error.verify_message}): issue a new "
                    "one for server authentication, and check this machine's clock"
                ) from None
            except ssl.SSLError as error:  # a key that only claims to be the certificate's, for one
                raise StartupError(
                    f"the serving certificate {self._source} cannot be used ({error.reason}): give a matching PEM pair"
                ) from None
        certificate = ours.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def _ask_for_clients(context: ssl.SSLContext, client_ca: Path) -> None:
    try:
        context.load_verify_locations(cafile=client_ca)
    except OSError:  # ssl.SSLError is one
        raise StartupError(f"{client_ca} holds no CA certificate in PEM: correct --client-ca") from None
    context.verify_mode = ssl.CERT_REQUIRED


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """Lend a name to bytes, in memory: the TLS library reads files only, and a key belongs on no disk."""
    number = os.memfd_create("kubeapprove")
    try:
        os.write(number, content)
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)


def only_from(name: str) -> type[HttpToolsProtocol]:
    """Return uvicorn's protocol for clients whose certificate has this common name; others are hung up on, unheard.

    The authority alone does not say who asks: in most clusters it signs every client's certificate.
    """

    class OnlyFrom(HttpToolsProtocol):
        """Looks at the certificate once, when the connection is made."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            certificate = transport.get_extra_info("peercert") or {}
            names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
            super().connection_made(transport)
            if names != [name]:
                _LOG.warning("a client other than the API server was refused")
                transport.abort()

    return OnlyFrom
