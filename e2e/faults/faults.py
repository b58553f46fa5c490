"""What can become of one call on its way."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from e2e.faults.calls import Call, Reply, failure
from e2e.faults.proxy import Fault, Forward

ON_THE_WAY = 0.1


async def lost(_: Call, __: Forward) -> Reply | None:
    """The call is lost: nothing is done, and the connection breaks."""
    return None


async def answer_lost(_: Call, forward: Forward) -> Reply | None:
    """What was asked is done, and the answer is lost."""
    await forward()
    return None


async def sent_twice(_: Call, forward: Forward) -> Reply | None:
    """The call is sent a second time after its answer, and the second answer is the one that arrives."""
    await forward()
    return await forward()


def answered(status: int, reason: str, *, after: bool = False) -> Fault:
    """Answer with this failure: without doing anything, or `after` doing what was asked."""

    async def fault(_: Call, forward: Forward) -> Reply | None:
        if after:
            await forward()
        return failure(status, reason)

    return fault


def but_first(action: Callable[[], object]) -> Fault:
    """Somebody else acts before the call is forwarded."""

    async def fault(_: Call, forward: Forward) -> Reply | None:
        await asyncio.to_thread(action)
        return await forward()

    return fault


def sent_to(other: str) -> Fault:
    """Another server answers."""

    async def fault(_: Call, forward: Forward) -> Reply | None:
        return await forward(other)

    return fault


def given(seconds: float) -> Fault:
    """The registration gives so much time, some of it goes on the way, and the API server hangs up when it is over."""

    async def fault(call: Call, forward: Forward) -> Reply | None:
        path = call.target.partition("?")[0]
        hurried = replace(call, target=f"{path}?timeout={round(seconds * 1000)}ms")
        try:
            return await asyncio.wait_for(forward(call=hurried), seconds - ON_THE_WAY)
        except TimeoutError:
            return None

    return fault


def stale(document: Mapping[str, Any]) -> Fault:
    """Answer with what was true once, as a watch cache that lags behind does."""

    async def fault(_: Call, __: Forward) -> Reply | None:
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(document).encode())

    return fault


def asked_of_both(other: str, *, together: bool, take: int) -> Fault:
    """The same call goes to the target and to another server, `together` or one by one; answer number `take` counts."""

    async def fault(_: Call, forward: Forward) -> Reply | None:
        if together:
            return (await asyncio.gather(forward(), forward(other)))[take]
        return [await forward(), await forward(other)][take]

    return fault
