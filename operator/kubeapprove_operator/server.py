"""One process: kopf's watch, a few workers, the registration, and health."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from kubeapprove.settings import Settings
from kubeapprove_operator.api import Api
from kubeapprove_operator.approvals import Approvals
from kubeapprove_operator.authority import Authority, Lives
from kubeapprove_operator.endings import Endings
from kubeapprove_operator.health import serve_health
from kubeapprove_operator.policies import PolicyStatuses, Registered
from kubeapprove_operator.queue import Queue
from kubeapprove_operator.registration import Registrar
from kubeapprove_operator.trust import Trust, TrustedFile, TrustedSecret
from kubeapprove_operator.watchdog import Watchdog
from kubeapprove_operator.watching import Signals, Watch
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import StartupError
from kubeapprove_server.place import Place
from kubeapprove_server.policies import PolicyStore

_CANCELS = 3
WORKERS = 4
"""How many approvals are looked at side by side: one slow write holds up nobody else's phase."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where the API server and the webhook are, and where to answer about our own health."""

    api: ApiConfig
    place: Place
    health_host: str
    health_port: int
    ca_file: Path | None = None
    ca_secret: str = ""
    lives: Lives = field(default_factory=Lives)

    def trust(self, api: Api, settings: Settings) -> Trust:
        """Return whom the API server is to trust: what is named, else an authority of our own."""
        if self.ca_file is not None:
            return TrustedFile(self.ca_file)
        if self.ca_secret:
            return TrustedSecret(api, settings.system_namespace, self.ca_secret)
        return Authority(api, settings, self.place.names(settings.system_namespace), self.lives)


async def serve(options: Options, settings: Settings) -> None:
    """Keep everything true until SIGTERM or SIGINT; raises StartupError where that is not possible."""
    signals = Signals()
    signals.take()
    work, told = asyncio.create_task(_work(options, settings, signals)), asyncio.create_task(signals.came())
    try:
        await asyncio.wait([work, told], return_when=asyncio.FIRST_COMPLETED)
    finally:
        # A signal ends it wherever it is: also while it waits for an API server that does not answer.
        work.cancel()
        told.cancel()
        await asyncio.wait([work, told])
    if not work.cancelled():
        work.result()


async def _work(options: Options, settings: Settings, signals: Signals) -> None:
    api = Api(options.api)
    await api.open()
    try:
        await _serve(api, options, settings, signals)
    finally:
        await api.close()


async def _serve(api: Api, options: Options, settings: Settings, signals: Signals) -> None:
    queue, policies, registered, watchdog = Queue(), PolicyStore(api, settings), Registered(), Watchdog(api, settings)
    trust = options.trust(api, settings)
    registrar = Registrar(api, settings, options.place, trust, policies, registered)
    approvals, watch = Approvals(api, settings, policies, queue), Watch(options.api, queue, signals)
    await watchdog.check()
    await policies.refresh()

    def problem() -> str | None:
        return "; ".join(filter(None, (watchdog.problem, watch.problem, registrar.problem, trust.problem))) or None

    runner = await serve_health(options.health_host, options.health_port, problem)
    ours = [
        policies.keep(),
        PolicyStatuses(api, policies, registered).keep(),
        trust.keep(),
        Endings(api, trust).keep(),
        registrar.keep(),
        watchdog.keep(),
        *(approvals.work() for _ in range(WORKERS)),
    ]
    tasks = [asyncio.create_task(work) for work in ours]
    watching = asyncio.create_task(watch.run())
    try:
        await asyncio.wait([watching, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Ours first: kopf takes every task that began after it for its own, and cancels it.
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await runner.cleanup()
        await _end(watching)
    for task in (watching, *tasks):
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise StartupError(
                f"a part of the operator ended ({type(error).__name__}): it has to be started anew; see the log above"
            ) from error


async def _end(watching: asyncio.Task[None]) -> None:
    """Have kopf end. It waits 5 s for whatever it takes for its own, and nothing that it does at its end is needed."""
    for _ in range(_CANCELS):
        watching.cancel()
        if (await asyncio.wait([watching], timeout=1.0))[0]:
            return
