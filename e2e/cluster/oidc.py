"""An OIDC issuer of our own: its key, what it publishes, its tokens, and how the API server is told to trust it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

PREFIX = "oidc:"  # of usernames and groups: no token of the issuer passes for a certificate's identity
AUDIENCE = "kubernetes"
ALGORITHM = "ES256"
LIFETIME = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs for whoever is named: it is the test that decides who logs in."""

    url: str
    key: ECKey

    def token(self, name: str, groups: Sequence[str] = (), *, uid: str = "", lifetime: dt.timedelta = LIFETIME) -> str:
        """Make an ID token; a negative lifetime makes one that has expired."""
        now = dt.datetime.now(dt.UTC)
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": name,
            "groups": list(groups),
            "iat": int(min(now, now + lifetime).timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        if uid:
            claims["uid"] = uid
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key)

    def discovery(self, jwks: str) -> dict[str, Any]:
        """Return what OpenID Connect Discovery 1.0 asks for, as far as the API server reads it."""
        return {
            "issuer": self.url,
            "jwks_uri": self.url + jwks,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }

    def key_set(self) -> dict[str, Any]:
        """Return the public key as a JWKS."""
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}

    def configuration(self, ca: Path) -> dict[str, Any]:
        """Return the AuthenticationConfiguration: `sub` and `groups` with a prefix, `uid` where a token has one.

        Kubernetes knows v1 since 1.34. There is no `anonymous` section: the flag `--anonymous-auth`, which would
        contradict it, says that nobody is.
        """
        return {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AuthenticationConfiguration",
            "jwt": [
                {
                    "issuer": {"url": self.url, "audiences": [AUDIENCE], "certificateAuthority": ca.read_text()},
                    "claimMappings": {
                        "username": {"claim": "sub", "prefix": PREFIX},
                        "groups": {"claim": "groups", "prefix": PREFIX},
                        "uid": {"expression": 'claims.?uid.orValue("")'},
                    },
                }
            ],
        }
