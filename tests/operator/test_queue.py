"""The work queue: each key once, its newest body, back after a pause when it failed, and looked at when it is due."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from kubeapprove_operator.queue import Key, Queue

A: Key = ("default", "a")
B: Key = ("default", "b")
SOON = 0.05


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run one scenario; what never comes fails it."""
    asyncio.run(asyncio.wait_for(work, 10))


def test_a_burst_of_events_is_one_look_at_the_newest() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put(A, {"v": 1})
        queue.put(A, {"v": 2})
        queue.put(A)
        assert await queue.get() == (A, {"v": 2})
        assert len(queue) == 1
        queue.done(A)
        assert len(queue) == 0

    run(scenario())


def test_nobody_works_on_a_key_twice_at_once() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put(A, {"v": 1})
        await queue.get()
        queue.put(A, {"v": 2})
        queue.put(B, {"v": 3})
        assert await queue.get() == (B, {"v": 3})
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        queue.done(A)
        assert await waiting == (A, {"v": 2})

    run(scenario())


def test_two_who_wait_both_get_something() -> None:
    async def scenario() -> None:
        queue = Queue()
        waiting = [asyncio.create_task(queue.get()) for _ in range(2)]
        await asyncio.sleep(0)
        queue.put(A)
        queue.put(B)
        assert {key for key, _ in await asyncio.gather(*waiting)} == {A, B}

    run(scenario())


def test_due_keys_come_in_the_order_of_their_times_and_without_a_body() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put_later(B, 2 * SOON)
        queue.put_later(A, SOON)
        assert [await queue.get(), await queue.get()] == [(A, None), (B, None)]

    run(scenario())


def test_of_several_times_the_newest_counts() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put_later(A, SOON)
        queue.put_later(A, 3600)
        queue.put_later(B, 2 * SOON)
        assert await queue.get() == (B, None)
        assert len(queue) == 1

    run(scenario())


def test_a_time_in_the_past_is_now() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put_later(A, -5)
        assert await queue.get() == (A, None)

    run(scenario())


def test_what_is_gone_is_never_due() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put_later(A, SOON)
        queue.forget(A)
        queue.put_later(B, 2 * SOON)
        assert await queue.get() == (B, None)

    run(scenario())


def test_failed_comes_back_after_a_pause_that_doubles_until_it_succeeds() -> None:
    async def scenario() -> None:
        queue, loop = Queue(), asyncio.get_running_loop()
        queue.put(A, {"v": 1})
        pauses = []
        for _ in range(2):
            await queue.get()
            before = loop.time()
            queue.done(A, failed=True)
            waiting = asyncio.create_task(queue.get())
            key, body = await waiting
            assert (key, body) == (A, None)
            pauses.append(loop.time() - before)
            queue.done(A, failed=True)
            queue.put(A)  # an event does not wait for the pause
        assert pauses[0] >= 0.2
        assert pauses[1] >= 0.8
        await queue.get()
        queue.done(A)
        assert len(queue) == 0

    run(scenario())


def test_an_event_meanwhile_is_not_lost() -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put_later(A, SOON)
        queue.put(A, {"v": 1})
        assert await queue.get() == (A, {"v": 1})
        queue.done(A)
        assert await queue.get() == (A, None)

    run(scenario())


@pytest.mark.parametrize("body", [None, {"v": 1}], ids=["clock", "event"])
def test_due_while_it_waits_keeps_the_body(body: dict[str, Any] | None) -> None:
    async def scenario() -> None:
        queue = Queue()
        queue.put(A, body)
        queue.put_later(A, 0)
        assert await queue.get() == (A, body)

    run(scenario())
