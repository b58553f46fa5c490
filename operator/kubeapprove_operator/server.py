"""One process: kopf's watch, a few workers, the registration, and health."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from kubeapprove.settings import Settings
from kubeapprove_operator.api import Api
from kubeapprove_operator.approvals import Approvals
from kubeapprove_operator.health import serve_health
from kubeapprove_operator.queue import Queue
from kubeapprove_operator.registration import Place, Registrar
from kubeapprove_operator.watchdog import Watchdog
from kubeapprove_operator.watching import watch
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import StartupError

WORKERS = 4
"""How many approvals are looked at side by side: one slow write holds up nobody else's phase."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where the API server and the webhook are, and where to answer about our own health."""

    api: ApiConfig
    place: Place
    health_host: str
    health_port: int


async def serve(options: Options, settings: Settings) -> None:
    """Keep everything true until SIGTERM or SIGINT; raises StartupError where that is not possible."""
    api = Api(options.api)
    await api.open()
    try:
        queue, registrar = Queue(), Registrar(api, settings, options.place)

        watchdog = Watchdog(api, settings)
        await watchdog.check()

        def problem() -> str | None:
            return watchdog.problem or registrar.problem

        runner = await serve_health(options.health_host, options.health_port, problem)
        try:
            approvals = Approvals(api, settings, queue)
            async with _running(
                registrar.keep(), watchdog.keep(), *(approvals.work() for _ in range(WORKERS))
            ) as ended:
                await _until_first(asyncio.create_task(watch(options.api, queue)), ended)
        finally:
            await runner.cleanup()
    finally:
        await api.close()


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run in the background; whatever still runs at the end is cancelled."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _until_first(watching: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
    """Wait for the watch. Work that ends by itself is a defect: the process ends with it rather than doing half."""
    await asyncio.wait([watching, *others], return_when=asyncio.FIRST_COMPLETED)
    if not watching.done():
        watching.cancel()
        await asyncio.wait([watching])
    for task in (watching, *others):
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise StartupError(
                f"a part of the operator ended ({type(error).__name__}): it has to be started anew; see the log above"
            ) from error
