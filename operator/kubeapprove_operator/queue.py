"""A level-triggered work queue: each key at most once in it and once in work, with times at which to look again.

What an event brought is kept as the key's newest body, so that a burst costs one look. A look that was due to the clock
has no body: whoever works on it reads the object. Keys survive errors: they come back after a growing pause.
"""

import asyncio
import contextlib
import heapq
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

Key = tuple[str, str]
Body = Mapping[str, Any]
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 30.0


class Queue:
    """For one event loop. Times are the loop's own: seconds, monotonic."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, Body | None] = OrderedDict()
        self._in_work: set[Key] = set()
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_work)

    def put(self, key: Key, body: Body | None = None) -> None:
        """Have a key looked at now; a body replaces an older one."""
        if body is not None or key not in self._waiting:
            self._waiting[key] = body
        self._changed.set()

    def put_later(self, key: Key, seconds: float) -> None:
        """Have a key looked at in so many seconds; of several times the newest counts."""
        due = asyncio.get_running_loop().time() + max(seconds, 0.0)
        self._due[key] = due
        heapq.heappush(self._heap, (due, key))
        self._changed.set()

    def forget(self, key: Key) -> None:
        """An object is gone: nothing is due any more."""
        self._due.pop(key, None)
        self._failures.pop(key, None)

    async def get(self) -> tuple[Key, Body | None]:
        """Return the next key that nobody works on, with its newest body; `done` must follow."""
        while True:
            self._changed.clear()
            self._ring()
            for key in self._waiting:
                if key not in self._in_work:
                    body = self._waiting.pop(key)
                    self._in_work.add(key)
                    if self._waiting:
                        self._changed.set()
                    return key, body
            await self._wait()

    def done(self, key: Key, *, failed: bool = False) -> None:
        """End the work on a key. A failed one comes back after a pause that doubles up to half a minute."""
        self._in_work.discard(key)
        self._changed.set()
        if not failed:
            self._failures.pop(key, None)
            return
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        self.put_later(key, min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE))

    def _ring(self) -> None:
        """Move what is due into the queue; entries that were overwritten are dropped."""
        now = asyncio.get_running_loop().time()
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                if key not in self._waiting:
                    self._waiting[key] = None

    async def _wait(self) -> None:
        timeout = None
        if self._heap:
            timeout = max(self._heap[0][0] - asyncio.get_running_loop().time(), 0.0)
        # Not wait_for: before Python 3.12 it forgets a cancellation that comes together with what it waits for, and a
        # busy worker would never end.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._changed.wait()
