"""The control plane's own identity provider: what its child process serves, and the tokens that it stands for."""

import datetime as dt
import hashlib
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from joserfc.jwk import ECKey

from e2e.cluster import eks, identity_provider, kubeconfig
from e2e.cluster.oidc import LIFETIME, Issuer
from e2e.cluster.pki import Authority

FOLDER = "identity-provider"  # in the state folder
AUTHENTICATION = "authentication.json"
TOKEN_WEBHOOK = "token-webhook.json"


class Provider:
    """One OIDC issuer and one aws-iam-authenticator, on one port."""

    def __init__(self, authority: Authority, state: Path, port: int) -> None:
        """Write everything that the child and the API server read when they start."""
        self._folder = state / FOLDER
        self._port = port
        self._serving = authority.server(FOLDER, ("127.0.0.1",))
        self._tokens = self._folder / "tokens"
        self._tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ECKey.import_key(authority.signing_key("oidc").key.read_bytes())
        key.ensure_kid()
        self.issuer = Issuer(f"https://127.0.0.1:{port}", key)
        jwks = next(path for path, name in identity_provider.PUBLISHED.items() if name == "jwks.json")
        ca = authority.pair.certificate
        documents = {
            "discovery.json": self.issuer.discovery(jwks),
            "jwks.json": self.issuer.key_set(),
            AUTHENTICATION: self.issuer.configuration(ca),
        }
        for name, document in documents.items():
            (self._folder / name).write_text(json.dumps(document, indent=1) + "\n")
        webhook = self.issuer.url + identity_provider.REVIEW
        kubeconfig.write(self._folder / TOKEN_WEBHOOK, server=webhook, ca=ca, user="kube-apiserver", credential=None)

    def command(self) -> list[str | Path]:
        """Return the child's command line."""
        arguments = (self._folder, str(self._port), self._serving.certificate, self._serving.key)
        return [sys.executable, "-I", "-S", identity_provider.__file__, *arguments]

    def listens(self) -> bool:
        """Whether it can be asked: the API server, which asks once at its start, would try again after 10 s."""
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True

    def oidc_token(
        self, name: str, groups: Sequence[str] = (), *, uid: str = "", lifetime: dt.timedelta = LIFETIME
    ) -> str:
        """Make an ID token of the issuer."""
        return self.issuer.token(name, groups, uid=uid, lifetime=lifetime)

    def eks_token(
        self,
        role: str,
        session: str,
        *,
        username: str = "",
        groups: Sequence[str] = (),
        lifetime: dt.timedelta = LIFETIME,
    ) -> str:
        """Make a token that the webhook knows; at EKS it is a signed URL, here it is random."""
        token = eks.TOKEN_PREFIX + secrets.token_urlsafe(32)
        user = eks.user(role, session, username=username, groups=groups)
        path = self._tokens / f"{hashlib.sha256(token.encode()).hexdigest()}.json"
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_text(json.dumps({"expires": time.time() + lifetime.total_seconds(), "user": user}))
        unfinished.replace(path)
        return token
