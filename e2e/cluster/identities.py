"""Who may speak to the control plane, and how: client certificates, ServiceAccount, OIDC and EKS tokens.

Nobody but `admin` has any right: a test binds the roles it needs, so that RBAC is never the accident that made it pass.
"""

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from e2e.cluster import kubeconfig
from e2e.cluster.errors import ClusterError
from e2e.cluster.pki import Authority, Pair

# name -> username, groups
KNOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("admin", ("system:masters",)),
    "agent": ("agent:bot", ("agents",)),
    "agent2": ("agent:bot2", ("agents",)),
    "alice": ("alice", ("approvers",)),
    "bob": ("bob", ("approvers",)),
    "carol": ("carol", ("people",)),
}
CONTROLLER_MANAGER = "system:kube-controller-manager"
REQUEST_TIMEOUT = 30.0


class Identities:
    """Every identity of one control plane: its credential, its kubeconfig, and requests in its name."""

    def __init__(self, authority: Authority, folder: Path, url: str) -> None:
        self._authority = authority
        self._folder = folder
        self._url = url
        self._credentials: dict[str, Pair | str] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        for name, (username, groups) in KNOWN.items():
            self._add_certificate(name, username, groups)
        self._add_certificate(CONTROLLER_MANAGER, CONTROLLER_MANAGER, ())

    def kubeconfig(self, name: str) -> Path:
        """Return the file of a known identity; an unknown name lists the known ones."""
        if name not in self._credentials:
            known = ", ".join(sorted(self._credentials))
            raise ClusterError(f"no identity named {name!r}: make it with identity() or use one of {known}.")
        return self._path(name)

    def identity(self, username: str, groups: Sequence[str]) -> Path:
        """Make another client-certificate identity, known by its username (64 characters at most, X.509's limit)."""
        self._add_certificate(username, username, groups)
        return self._path(username)

    def add_token(self, name: str, token: str) -> Path:
        """Make an identity of a bearer token, known by a name."""
        self._credentials[name] = token
        self._contexts.pop(name, None)
        return self._write(name)

    def request(
        self, method: str, path: str, body: Any, as_: str, headers: Mapping[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        """One HTTP request; `body` may be JSON or bytes. An answer that is not a JSON object comes as {"text": …}."""
        self.kubeconfig(as_)
        sent = dict(headers or {})
        credential = self._credentials[as_]
        if isinstance(credential, str):
            sent.setdefault("Authorization", f"Bearer {credential}")
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            patch = "application/merge-patch+json"
            sent.setdefault("Content-Type", patch if method == "PATCH" else "application/json")
        sent.setdefault("Accept", "application/json")
        address = urlsplit(self._url)
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=REQUEST_TIMEOUT, context=self._context(as_)
        )
        try:
            connection.request(method, path, body=data, headers=sent)
            answer = connection.getresponse()
            return answer.status, document(answer.read())
        finally:
            connection.close()

    def _context(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            context = ssl.create_default_context(cafile=self._authority.pair.certificate)
            credential = self._credentials[name]
            if isinstance(credential, Pair):
                context.load_cert_chain(credential.certificate, credential.key)
            self._contexts[name] = context
        return self._contexts[name]

    def _add_certificate(self, name: str, username: str, groups: Sequence[str]) -> None:
        self._credentials[name] = self._authority.client(_file_name(name), username, groups)
        self._contexts.pop(name, None)
        self._write(name)

    def _write(self, name: str) -> Path:
        return kubeconfig.write(
            self._path(name),
            server=self._url,
            ca=self._authority.pair.certificate,
            user=name,
            credential=self._credentials[name],
        )

    def _path(self, name: str) -> Path:
        return self._folder / f"{_file_name(name)}.kubeconfig"


def _file_name(name: str) -> str:
    """Escape what a path cannot hold; no two names share a file."""
    return "".join(c if c.isalnum() or c in "-.@" else f"_{ord(c):x}_" for c in name)


def document(raw: bytes) -> dict[str, Any]:
    """Return an answer's JSON object; anything else comes as {"text": …}."""
    try:
        parsed = json.loads(raw)
    except ValueError:
        return {"text": raw.decode(errors="replace")}
    return parsed if isinstance(parsed, dict) else {"text": raw.decode(errors="replace")}
