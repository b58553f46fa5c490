"""The time that is left for one request, and the one reading of the wall clock that its verdict is made with."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

MAX_SECONDS = 5.0
RESERVE = 1.0
"""No claim is sent with less than this left: the API server might give up on us and the claim stand."""
CONFIRM = 0.3
"""Kept back from a claim: if its answer does not come, this is left to find out whether it was written."""
ANSWER = 0.2
"""Kept back from all of our own calls: a refusal that comes too late would be told in the API server's words."""
_DURATION = re.compile(r"([0-9]{1,9}(?:[.][0-9]{1,9})?)(ms|s)")


async def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Clock:
    """Started when the first byte of a request is there. `hung_up` says whether nobody waits for the answer now."""

    seconds: float = MAX_SECONDS
    started: float = field(default_factory=time.monotonic)
    received: datetime = field(default_factory=lambda: datetime.now(UTC))
    hung_up: Callable[[], Awaitable[bool]] = _never

    def left(self) -> float:
        """Seconds that our own calls may still take, so that the answer comes before the API server stops waiting."""
        return self.seconds - self.elapsed() - ANSWER

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def may_claim(self) -> bool:
        """Whether there is time enough for a claim and its answer."""
        return self.seconds - self.elapsed() >= RESERVE


def clock_for(timeout: str | None, hung_up: Callable[[], Awaitable[bool]] = _never) -> Clock:
    """Return the clock of a request with this `timeout` query parameter (`5s`, `1.5s`, `500ms`): never over 5 s."""
    match = _DURATION.fullmatch(timeout or "")
    if match is None:
        return Clock(hung_up=hung_up)
    number, unit = match.groups()
    return Clock(min(float(number) * (0.001 if unit == "ms" else 1.0), MAX_SECONDS), hung_up=hung_up)
