"""A worker that is told to end does so, also where something to do comes at the very same moment."""

import asyncio

import pytest

from kubeapprove_operator.queue import Queue

NOW, LATER = ("ns", "now"), ("ns", "later")


@pytest.mark.parametrize("steps", range(5))
def test_cancelled_as_something_comes(steps: int) -> None:
    """Told `steps` turns of the event loop after there was something to do: before, while and after it is taken."""

    async def scene() -> bool:
        queue = Queue()
        queue.put_later(LATER, 60)  # who waits, waits for a time and for whatever comes before

        async def work() -> None:
            while True:
                key, _ = await queue.get()
                queue.done(key)

        worker = asyncio.create_task(work())
        for _ in range(3):
            await asyncio.sleep(0)
        queue.put(NOW)
        for _ in range(steps):
            await asyncio.sleep(0)
        worker.cancel()
        done, _ = await asyncio.wait([worker], timeout=2)
        worker.cancel()  # where it went on all the same
        return worker in done

    assert asyncio.run(scene())
