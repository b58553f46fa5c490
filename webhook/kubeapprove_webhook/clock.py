"""The time that is left for one request, and the one reading of the wall clock that its verdict is made with."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

MAX_SECONDS = 5.0
RESERVE = 1.0
"""No claim is sent with less than this left: the API server might give up on us and the claim stand."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Started when the first byte of a request is there."""

    seconds: float = MAX_SECONDS
    started: float = field(default_factory=time.monotonic)
    received: datetime = field(default_factory=lambda: datetime.now(UTC))

    def left(self) -> float:
        """Seconds until the API server stops waiting."""
        return self.seconds - (time.monotonic() - self.started)

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def may_claim(self) -> bool:
        """Whether there is time enough for a claim and its answer."""
        return self.left() >= RESERVE


def clock_for(timeout: str | None) -> Clock:
    """Return the clock of a request with this `timeout` query parameter (`5s`, `10s`, `500ms`): never over 5 s."""
    text = timeout or ""
    unit, scale = ("ms", 0.001) if text.endswith("ms") else ("s", 1.0)
    number = text.removesuffix(unit)
    seconds = float(number) * scale if number.isascii() and number.isdigit() else MAX_SECONDS
    return Clock(min(seconds, MAX_SECONDS))
