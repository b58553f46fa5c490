"""What can go wrong on our own side, by whose fault; each text says what to do.

KubeapproveWebhookError
  StartupError        the process cannot serve: settings, files, rights
  ApiError            the API server answered our own call with an error
    ConflictError     409: somebody else wrote first, or the name is taken
    NotFoundError     404
    NamespaceTerminatingError  the namespace takes no new approval
  ApiUnreachableError no answer in time: what became of a write is unknown
"""

from typing import Any


class KubeapproveWebhookError(Exception):
    """Root of this package's errors."""


class StartupError(KubeapproveWebhookError):
    """The process cannot serve; the text names the remedy."""


class ApiError(KubeapproveWebhookError):
    """The API server refused our own call. The text holds status and reason, never a body."""

    def __init__(self, call: str, status: int, reason: str) -> None:
        super().__init__(f"{call}: the API server answered {status} {reason}".rstrip())
        self.call, self.status, self.reason = call, status, reason


class ConflictError(ApiError):
    """409."""


class NotFoundError(ApiError):
    """404."""


class NamespaceTerminatingError(ApiError):
    """403 with the cause NamespaceTerminating."""


class ApiUnreachableError(KubeapproveWebhookError):
    """No answer, or none in time."""

    def __init__(self, call: str, why: str) -> None:
        super().__init__(f"{call}: no answer from the API server ({why})")
        self.call = call


def api_error(call: str, status: int, body: Any) -> ApiError:
    """Return the error for an answer of 400 and above; `body` is the Status, if it is one."""
    facts = body if isinstance(body, dict) and body.get("kind") == "Status" else {}
    causes = (facts.get("details") or {}).get("causes") or []
    kinds = {404: NotFoundError, 409: ConflictError}
    if status == 403 and any(cause.get("reason") == "NamespaceTerminating" for cause in causes):
        return NamespaceTerminatingError(call, status, "NamespaceTerminating")
    return kinds.get(status, ApiError)(call, status, str(facts.get("reason", "")))
