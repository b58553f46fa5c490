"""The installation's two secrets, made once, if absent, as one Secret in the system namespace.

* `hmac`: the key of the digests of hidden values. Another key voids every open approval that hides one.
* `path`: the unguessable part of the webhook's URL.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubeapprove_server.errors import ConflictError, StartupError
from kubeapprove_webhook.api import Api

SECRET_NAME = "kubeapprove-webhook"  # noqa: S105 (the name of the Secret)
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Keys:
    """What the Secret holds."""

    hmac: bytes
    path: str


async def load_keys(api: Api, namespace: str) -> Keys:
    """Return the installation's keys, made where there are none. Creation is atomic: replicas agree on one."""
    secret = await api.get_secret(namespace, SECRET_NAME, within=_TIMEOUT)
    if secret is None:
        data = {"hmac": secrets.token_bytes(32), "path": secrets.token_hex(24).encode("ascii")}
        document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET_NAME, "namespace": namespace},
            "data": {key: base64.b64encode(value).decode("ascii") for key, value in data.items()},
        }
        try:
            secret = await api.create_secret(namespace, document, within=_TIMEOUT)
        except ConflictError:
            secret = await api.get_secret(namespace, SECRET_NAME, within=_TIMEOUT)
    return read_keys(secret or {}, namespace)


def read_keys(secret: Mapping[str, Any], namespace: str) -> Keys:
    """Read the Secret; raises StartupError where it does not hold what we made."""
    hmac, path = _value(secret, "hmac"), _value(secret, "path").decode("ascii", errors="replace")
    if len(hmac) < 32 or len(path) < 32 or not path.isalnum():
        raise StartupError(
            f"Secret {namespace}/{SECRET_NAME} must hold hmac (32 bytes) and path (32 letters and digits); delete it "
            "to have it made anew, which voids the open approvals that hide a value"
        )
    return Keys(hmac, path)


def _value(secret: Mapping[str, Any], key: str) -> bytes:
    data = secret.get("data")
    text = data.get(key) if isinstance(data, dict) else None
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        return b""
