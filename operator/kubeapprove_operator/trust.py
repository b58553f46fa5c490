"""Whom the API server is to trust when it asks the webhook: a file, somebody else's Secret, or our own authority."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, Protocol

from cryptography.x509 import Certificate

from kubeapprove_operator import issuing
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_server.errors import StartupError
from kubeapprove_server.place import is_ca, read_ca
from kubeapprove_server.secret_path import stored_value

FAREWELL: Final = 24 * 3600.0
"""Seconds for which a CA that was replaced stays trusted: a webhook may still serve with a certificate of it."""


class Trust(Protocol):
    """What the registrar asks; `problem` says what is wrong with certificates, None where nothing is known to be."""

    problem: str | None
    remedy: ClassVar[str]
    """What a person does where a certificate is not renewed."""

    @property
    def known(self) -> Mapping[str, Certificate]:
        """Return the certificates as they were seen last, by what they are: authority, serving."""

    async def bundle(self) -> bytes:
        """Return the CAs to register as PEM; raises KubeapproveServerError."""

    def registered(self, bundle: bytes) -> None:
        """Hear that this bundle is registered."""

    async def keep(self) -> None:
        """Do what has to be done in the background, until cancelled."""


@dataclass(slots=True)
class TrustedFile:
    """A CA file; a changed one is registered."""

    remedy: ClassVar[str] = "put a CA that is valid for longer into the file that --ca-file names"

    path: Path
    problem: str | None = None
    _ca: bytes = field(default=b"", init=False)

    @property
    def known(self) -> Mapping[str, Certificate]:
        """The CA; what the webhook serves with, it tells itself."""
        return issuing.chain_of(self._ca, b"")

    async def bundle(self) -> bytes:
        """Read it, small and local, on the spot."""
        self._ca = read_ca(self.path)
        return self._ca

    def registered(self, bundle: bytes) -> None:
        """Nobody waits for it."""

    async def keep(self) -> None:
        """Nothing to do."""
        await asyncio.Event().wait()


class TrustedSecret:
    """`ca.crt` of a Secret that somebody else keeps, cert-manager for one; what it held before is trusted for a day."""

    remedy: ClassVar[str] = "see what keeps cert-manager, or whoever makes the Secret of --ca-secret, from renewing it"

    def __init__(self, api: Api, namespace: str, name: str) -> None:
        self._api, self._namespace, self._name = api, namespace, name
        self._seen: dict[bytes, float] = {}
        self._pem = (b"", b"")
        self.problem: str | None = None

    @property
    def known(self) -> Mapping[str, Certificate]:
        """Both that the Secret held."""
        return issuing.chain_of(*self._pem)

    async def bundle(self) -> bytes:
        """Read the Secret, and forget what was replaced long ago."""
        where = f"Secret {self._namespace}/{self._name}"
        secret = await self._api.get_secret(self._namespace, self._name, within=WITHIN)
        if secret is None:
            raise StartupError(f"{where} does not exist: check that cert-manager makes it, or correct --ca-secret")
        ca = stored_value(secret, "ca.crt")
        if not is_ca(ca):
            raise StartupError(f"{where} holds no CA certificate in ca.crt: its issuer has to give one")
        self._pem = (ca, stored_value(secret, "tls.crt"))
        now = time.monotonic()
        self._seen = {pem: at for pem, at in self._seen.items() if now - at < FAREWELL and pem != ca}
        self._seen[ca] = now
        return b"\n".join(pem.strip() for pem in sorted(self._seen, key=self._seen.__getitem__, reverse=True)) + b"\n"

    def registered(self, bundle: bytes) -> None:
        """Nobody waits for it."""

    async def keep(self) -> None:
        """Nothing to do."""
        await asyncio.Event().wait()
