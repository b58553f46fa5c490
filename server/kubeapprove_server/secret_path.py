"""The unguessable part of the webhook's URL: a Secret of its own, so that the operator never reads the hashing key."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from kubeapprove_server.errors import StartupError

PATH_SECRET = "kubeapprove-webhook-path"  # noqa: S105 (the name of the Secret)
_MIN_LENGTH = 32


def read_path(secret: Mapping[str, Any], namespace: str) -> str:
    """Read the path from its Secret; raises StartupError where it does not hold what the webhook made."""
    path = stored_value(secret, "path").decode("ascii", errors="replace")
    if len(path) < _MIN_LENGTH or not path.isalnum():
        raise StartupError(
            f"Secret {namespace}/{PATH_SECRET} must hold path ({_MIN_LENGTH} letters and digits); delete it and start "
            "the webhook again, which makes it anew, then register again"
        )
    return path


def stored_value(secret: Mapping[str, Any], key: str) -> bytes:
    """Return one value of a Secret, empty where there is none that base64 can hold."""
    data = secret.get("data")
    text = data.get(key) if isinstance(data, dict) else None
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        return b""
