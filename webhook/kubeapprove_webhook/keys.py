"""The installation's two secrets, made once, if absent, each as a Secret in the system namespace.

* `hmac` in `kubeapprove-webhook`: the key of the digests of hidden values, which the webhook alone reads. Another key
  voids every open approval that hides a value.
* `path` in `kubeapprove-webhook-path`: the unguessable part of the webhook's URL, for whoever registers it.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubeapprove_server.errors import ConflictError, StartupError
from kubeapprove_server.secret_path import PATH_SECRET, read_path, stored_value
from kubeapprove_webhook.api import Api

KEY_SECRET = "kubeapprove-webhook"  # noqa: S105 (the name of the Secret)
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Keys:
    """What the Secrets hold."""

    hmac: bytes
    path: str


async def load_keys(api: Api, namespace: str) -> Keys:
    """Return the installation's keys, made where there are none. Creation is atomic: replicas agree on one."""
    key = await _load(api, namespace, KEY_SECRET, {"hmac": secrets.token_bytes(32)})
    path = await _load(api, namespace, PATH_SECRET, {"path": secrets.token_hex(24).encode("ascii")})
    return Keys(read_hmac(key, namespace), read_path(path, namespace))


async def _load(api: Api, namespace: str, name: str, fresh: Mapping[str, bytes]) -> dict[str, Any]:
    secret = await api.get_secret(namespace, name, within=_TIMEOUT)
    if secret is None:
        document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "data": {key: base64.b64encode(value).decode("ascii") for key, value in fresh.items()},
        }
        try:
            secret = await api.create_secret(namespace, document, within=_TIMEOUT)
        except ConflictError:
            secret = await api.get_secret(namespace, name, within=_TIMEOUT)
    return secret or {}


def read_hmac(secret: Mapping[str, Any], namespace: str) -> bytes:
    """Read the hashing key; raises StartupError where the Secret does not hold what we made."""
    hmac = stored_value(secret, "hmac")
    if len(hmac) < 32:
        raise StartupError(
            f"Secret {namespace}/{KEY_SECRET} must hold hmac (32 bytes); delete it to have it made anew, which voids "
            "the open approvals that hide a value"
        )
    return hmac
