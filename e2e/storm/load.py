"""The steady load: requests leave at their times, however long earlier ones take."""

import asyncio
import heapq
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Final, Self

from e2e.cluster.control_plane import ControlPlane
from e2e.storm.client import Client
from e2e.storm.sample import Kind
from e2e.storm.workers import Worker

SHARES: Final = {
    Kind.NO_CHANGE: 0.27,
    Kind.APPROVED: 0.24,
    Kind.FREE: 0.1,
    Kind.ASKED: 0.13,
    Kind.DENIED: 0.12,
    Kind.PERSON: 0.09,
    Kind.READ: 0.03,
    Kind.CONTROLLER: 0.02,
}
"""Of all steps; those of approved changes are asking, deciding and making in turn."""


class Waiting:
    """Workers of one kind that have nothing under way: who is in the middle of something goes first."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._idle = deque(workers)
        self._midway: list[tuple[float, int, Worker]] = []
        self._count = itertools.count()

    def take(self, now: float) -> Worker | None:
        """Return who is next; None where all are busy."""
        if self._midway and self._midway[0][0] <= now:
            return heapq.heappop(self._midway)[2]
        return self._idle.popleft() if self._idle else None

    def rest(self, worker: Worker) -> None:
        """Have it at the end of the line."""
        self._idle.append(worker)

    def go_on(self, worker: Worker, at: float) -> None:
        """Have it first, from that moment on."""
        heapq.heappush(self._midway, (at, next(self._count), worker))


class Load:
    """Inside the `with`, so many requests leave each second; at its end it waits for the last answers."""

    def __init__(
        self,
        control_plane: ControlPlane,
        identities: Sequence[str],
        workers: Mapping[Kind, Sequence[Worker]],
        rate: float,
    ) -> None:
        self._control_plane, self._identities = control_plane, identities
        self._waiting = {kind: Waiting(several) for kind, several in workers.items()}
        self._periods = {kind: 1 / (rate * share) for kind, share in SHARES.items()}
        self._over, self._started = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")
        self._error: BaseException | None = None
        self.sent: Counter[Kind] = Counter()
        self.held_back: Counter[Kind] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def check(self) -> None:
        """Raise where it has ended by itself."""
        if not self._thread.is_alive() and self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:  # noqa: BLE001 - told to who waits for this thread
            self._error = error
        finally:
            self._started.set()

    async def _work(self) -> None:
        async with Client(self._control_plane, self._identities) as client, asyncio.TaskGroup() as tasks:
            now = time.monotonic()
            # Spread over the first second, so that they do not leave in step.
            due = [(now + place / len(self._periods), kind) for place, kind in enumerate(self._periods)]
            heapq.heapify(due)
            self._started.set()
            while not self._over.is_set():
                at, kind = due[0]
                await asyncio.sleep(max(0.0, min(at - time.monotonic(), 0.2)))
                if time.monotonic() >= at:
                    heapq.heapreplace(due, (at + self._periods[kind], kind))
                    self._begin(kind, client, tasks)

    def _begin(self, kind: Kind, client: Client, tasks: asyncio.TaskGroup) -> None:
        worker = self._waiting[kind].take(time.monotonic())
        if worker is None:
            self.held_back[kind] += 1
            return
        self.sent[kind] += 1
        tasks.create_task(self._step(kind, worker, client))

    async def _step(self, kind: Kind, worker: Worker, client: Client) -> None:
        following = await worker.step(client)
        if following.is_midway:
            self._waiting[kind].go_on(worker, time.monotonic() + following.after)
        else:
            self._waiting[kind].rest(worker)
