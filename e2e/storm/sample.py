"""What is counted: one request of the load, what became of it, and in words that a table can hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

PASSED: Final = "passed"
NO_ANSWER: Final = "no answer"
"""The API server itself went away, or was silent for half a minute."""
_UNREACHED: Final = {
    "connection refused": "connection refused",
    "no route to host": "no route",
    "network is unreachable": "no route",
    "connection reset": "connection reset",
    "context deadline exceeded": "timeout",
    "Client.Timeout": "timeout",
    "i/o timeout": "timeout",
    "handshake timeout": "timeout",
    "timed out": "timeout",
    "broken pipe": "hung up",
    "server closed": "hung up",
    "closed network connection": "hung up",
    "EOF": "hung up",
    "x509": "certificate",
    "tls:": "certificate",
    "no endpoints": "no endpoint",
}


class Kind(StrEnum):
    """What is tried."""

    NO_CHANGE = "no change"
    APPROVED = "approved"
    FREE = "allowed by a rule"
    ASKED = "never approved"
    DENIED = "denied by a rule"
    DECISION = "decision"
    PERSON = "person"
    CONTROLLER = "controller"
    READ = "a person's read"


MUST_PASS: Final = frozenset({Kind.NO_CHANGE, Kind.APPROVED, Kind.FREE})
"""Refused, these are false refusals."""
NOT_OURS: Final = frozenset({Kind.PERSON, Kind.CONTROLLER})
"""These never depend on us."""
JUDGED: Final = {
    Kind.NO_CHANGE: frozenset({PASSED}),
    Kind.APPROVED: frozenset({PASSED}),
    Kind.FREE: frozenset({PASSED}),
    Kind.ASKED: frozenset({"ApprovalRequired", "ApprovalPending"}),
    Kind.DENIED: frozenset({"PolicyDenied"}),
    Kind.DECISION: frozenset({PASSED}),
}
"""What a request of each kind gets from a gate that works."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: sent at a moment of the monotonic clock, answered so many seconds later."""

    kind: Kind
    at: float
    seconds: float
    outcome: str
    message: str = ""

    @property
    def end(self) -> float:
        """When the answer was there."""
        return self.at + self.seconds

    @property
    def is_judged(self) -> bool:
        """Whether this is what a gate that works says."""
        return self.outcome in JUDGED.get(self.kind, ())

    @property
    def is_false_refusal(self) -> bool:
        """Whether it was refused, or not answered, and should have passed."""
        return self.kind in MUST_PASS and self.outcome != PASSED


def outcome(status: int, body: Mapping[str, Any]) -> str:
    """Return PASSED, NO_ANSWER (status 0), or the reason; of a webhook that was not reached, also how."""
    if 200 <= status < 300:
        return PASSED
    if status == 0:
        return NO_ANSWER
    message = str(body.get("message", ""))
    if "failed calling webhook" in message:
        how = next((short for words, short in _UNREACHED.items() if words in message), "other")
        return f"webhook not reached: {how}"
    return str(body.get("reason") or status)
