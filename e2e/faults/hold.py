"""One call, stopped on its way until somebody says how it goes on."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

from e2e.cluster.errors import ClusterError
from e2e.faults.calls import Call, Reply

REACHED_SECONDS = 20.0


class Hold:
    """A fault that waits: `wait` for the call, do what is to be done meanwhile, then `release` or `cut` it."""

    def __init__(self, *, after: bool) -> None:
        self._after = after
        self._reached, self._decided = threading.Event(), threading.Event()
        self._is_cut = False

    async def __call__(self, _: Call, forward: Callable[[], Awaitable[Reply | None]]) -> Reply | None:
        """Hold the call; with `after`, what it asks for is done before."""
        reply = await forward() if self._after else None
        self._reached.set()
        await asyncio.to_thread(self._decided.wait)
        if self._is_cut:
            return None
        return reply if self._after else await forward()

    def wait(self) -> None:
        """Return when the call is held; raises ClusterError where it never came."""
        if not self._reached.wait(REACHED_SECONDS):
            raise ClusterError(f"waited {REACHED_SECONDS:.0f} s in vain for the call that was to be held")

    def release(self) -> None:
        """Let it go on as if nothing had happened."""
        self._decided.set()

    def cut(self) -> None:
        """Close its connection without an answer. After `release` this changes nothing."""
        if not self._decided.is_set():
            self._is_cut = True
            self._decided.set()
