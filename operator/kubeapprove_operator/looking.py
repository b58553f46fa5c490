"""What the operator keeps true, it looks at again and again: one loop for all of it, that says once what is wrong."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kubeapprove_server.errors import KubeapproveServerError

_LOG = structlog.get_logger()


async def look_for_ever(
    look: Callable[[], Awaitable[None]], *, period: float, what: str, told: Callable[[str | None], None]
) -> None:
    """Look every `period` seconds until cancelled; `told` hears after each look why it failed, None where it did not.

    `what` names the trouble in the log, once for each new one.
    """
    last = None
    while True:
        problem = None
        try:
            await look()
        except KubeapproveServerError as error:
            problem = str(error)
            if problem != last:
                _LOG.warning(what, error=problem)
        told(problem)
        last = problem
        await asyncio.sleep(period)
