"""Wait for a condition, never for a time."""

import time
from collections.abc import Callable

from e2e.cluster.errors import ClusterError

POLL = 0.05


def wait_until(condition: Callable[[], object], what: str, seconds: float = 15.0) -> None:
    """Return when `condition` holds; raises ClusterError that says what did not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise ClusterError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(POLL)
