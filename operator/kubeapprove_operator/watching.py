"""kopf brings the events of all approvals; nothing of kopf ever writes to one.

Only `on.event` handlers that return nothing: every other kind adds finalizers or annotations. Posting, peering and the
admission server are off. A connection is renewed every few minutes, and each renewal brings every approval again, so
that whatever was missed is looked at after all.
"""

import asyncio
import logging
import signal
from collections.abc import Mapping
from typing import Any

import kopf

from kubeapprove.resources import GROUP, PLURAL, VERSION
from kubeapprove_operator.queue import Queue
from kubeapprove_server.client import ApiConfig

RENEW_SECONDS = 300


class Signals:
    """SIGTERM and SIGINT: `take` them, and wait until one `came`."""

    def __init__(self) -> None:
        self._came = asyncio.Event()

    def take(self) -> None:
        """Have them end the operator, whoever had them before."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._came.set)

    async def came(self) -> None:
        """Return at the first one."""
        await self._came.wait()


class Watch:
    """kopf, fed with nothing but one handler. `run` it, and cancel that."""

    def __init__(self, config: ApiConfig, queue: Queue, signals: Signals) -> None:
        self._config, self._queue, self._signals = config, queue, signals
        self._ready = asyncio.Event()

    @property
    def problem(self) -> str | None:
        """Why approvals are not looked at, None where they are. That a watch is refused, only the watchdog sees."""
        return None if self._ready.is_set() else "approvals are not watched yet"

    async def run(self) -> None:
        """Feed the queue until cancelled: told by a flag, kopf would first wait 5 s for whatever it had begun."""
        logging.getLogger("kopf").setLevel(logging.WARNING)  # a line for each event tells nothing
        others = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=self._registry(),
            settings=kopf_settings(),
            clusterwide=True,
            standalone=True,
            ready_flag=self._ready,
        )
        # kopf took the signals as its last deed, and would wait for our tasks before it ends. Nothing ran since then,
        # so none goes to it.
        self._signals.take()
        await kopf.run_tasks(tasks, ignored=others)

    def _registry(self) -> kopf.OperatorRegistry:
        registry, config, queue = kopf.OperatorRegistry(), self._config, self._queue

        @kopf.on.login(registry=registry)
        def login(**_: Any) -> kopf.ConnectionInfo:
            return kopf.ConnectionInfo(
                server=config.server,
                ca_path=str(config.ca_file),
                scheme="Bearer",
                token=config.token_file.read_text(encoding="ascii").strip(),
            )

        @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
        async def changed(event: Mapping[str, Any], **_: Any) -> None:
            body = event["object"]
            key = (body["metadata"]["namespace"], body["metadata"]["name"])
            if event["type"] == "DELETED":
                queue.forget(key)
            else:
                queue.put(key, body)

        return registry


def kopf_settings() -> kopf.OperatorSettings:
    """Return kopf's settings: it watches, and does nothing else."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.watching.server_timeout = RENEW_SECONDS
    settings.watching.initial_streaming = True
    return settings
