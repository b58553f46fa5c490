"""What can go wrong on our own side, by whose fault; each text says what to do.

KubeapproveServerError
  StartupError        the process cannot serve: settings, files, rights
  ApiError            the API server answered our own call with an error
    ConflictError     409: somebody else wrote first, or the name is taken
    NotFoundError     404
    NamespaceTerminatingError  the namespace takes no new approval
  ApiUnreachableError no answer in time: what became of a write is unknown
  OddAnswerError      an answer, but not about what was asked: nothing is built on it
"""

import re
from typing import Any

_WORD = re.compile(r"[A-Za-z]{1,64}")


class KubeapproveServerError(Exception):
    """Root of this package's errors."""


class StartupError(KubeapproveServerError):
    """The process cannot serve; the text names the remedy."""


class ApiError(KubeapproveServerError):
    """The API server refused our own call. The text holds status and reason, never a body."""

    def __init__(self, call: str, status: int, reason: str, name: str = "") -> None:
        super().__init__(f"{call}: the API server answered {status} {reason}".rstrip())
        self.call, self.status, self.reason, self.name = call, status, reason, name

    @property
    def is_final(self) -> bool:
        """Whether nothing was written for certain: refused before it was tried."""
        return self.status < 500


class ConflictError(ApiError):
    """409."""


class NotFoundError(ApiError):
    """404, said by the API server itself about the object `name`. A missing path or a proxy's page is an ApiError."""


class NamespaceTerminatingError(ApiError):
    """403 with the cause NamespaceTerminating."""


class ApiUnreachableError(KubeapproveServerError):
    """No answer, or none in time. `why` is the name of an exception's class, or our own words."""

    def __init__(self, call: str, why: str) -> None:
        super().__init__(f"{call}: no answer from the API server ({why})")
        self.call, self.why = call, why


class OddAnswerError(KubeapproveServerError):
    """An answer that is not about what was asked, or holds too little."""

    def __init__(self, call: str, why: str) -> None:
        super().__init__(f"{call}: the API server's answer cannot be used ({why})")
        self.call = call


def api_error(call: str, status: int, body: Any) -> ApiError:
    """Return the error for an answer other than 2xx; `body` is the Status, if it is one."""
    facts = body if isinstance(body, dict) and body.get("kind") == "Status" else {}
    details = facts.get("details")
    details = details if isinstance(details, dict) else {}
    causes = details.get("causes")
    reason, name = _word(facts.get("reason")), details.get("name")
    if status == 403 and any(
        isinstance(cause, dict) and cause.get("reason") == "NamespaceTerminating"
        for cause in (causes if isinstance(causes, list) else ())
    ):
        return NamespaceTerminatingError(call, status, "NamespaceTerminating")
    if status == 404 and reason == "NotFound" and isinstance(name, str):
        return NotFoundError(call, status, reason, name)
    return (ConflictError if status == 409 else ApiError)(call, status, reason)


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
