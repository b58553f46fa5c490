"""Keeps approvals true for people: what `mirror` says of one is done, one write at a time, each harmless if repeated.

The order is Event, then status: a process that dies in between announces the same news again under the same name.
The status is written on the resourceVersion that was looked at; a conflict is dropped, because whoever was first brings
the next event, and the webhook's claim must never lose to us.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from kubeapprove.identity import People
from kubeapprove.mirror import Step, mirror
from kubeapprove.settings import Settings
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_operator.metrics import RETIRED, RETRIES, TRANSITIONS
from kubeapprove_operator.queue import Key, Queue
from kubeapprove_server.errors import ApiError, ConflictError, KubeapproveServerError, NotFoundError
from kubeapprove_server.policies import PolicyStore

_LOG = structlog.get_logger()


class Approvals:
    """Workers share one; each takes a key, looks, writes what is wrong and notes when to look again."""

    def __init__(self, api: Api, settings: Settings, policies: PolicyStore, queue: Queue) -> None:
        self._api, self._settings, self._policies, self._queue = api, settings, policies, queue

    async def work(self) -> None:
        """Work until cancelled."""
        while True:
            key, body = await self._queue.get()
            failed = True
            try:
                await self._look(key, body)
                failed = False
            except KubeapproveServerError as error:
                RETRIES.inc()
                _LOG.warning("an approval could not be kept true yet", approval="/".join(key), error=str(error))
            finally:
                self._queue.done(key, failed=failed)

    async def _look(self, key: Key, body: Mapping[str, Any] | None) -> None:
        namespace, name = key
        if body is None:
            body = await self._api.get_approval(namespace, name, consistent=False, within=WITHIN)
        if body is None:
            self._queue.forget(key)
            return
        now = datetime.now(UTC)
        policies = self._policies.last_known()
        people = People(named_roles=self._settings.named_roles) if policies is None else policies.people
        step = mirror(body, self._settings, people, now)
        try:
            await self._do(key, body, step, now)
        except NotFoundError:
            self._queue.forget(key)
            return
        except ConflictError:
            return
        if step.look_again is not None:
            self._queue.put_later(key, (step.look_again - now).total_seconds())

    async def _do(self, key: Key, body: Mapping[str, Any], step: Step, now: datetime) -> None:
        namespace, name = key
        metadata = body["metadata"]
        version = str(metadata.get("resourceVersion", ""))
        if step.delete:
            await self._api.delete_approval(
                namespace, name, uid=metadata["uid"], resource_version=version, within=WITHIN
            )
            RETIRED.inc()
            _LOG.info("retired", approval=f"{namespace}/{name}", phase=step.phase)
            return
        if step.announcement is not None:
            try:
                await self._api.announce(body, step.announcement, now)
            except ApiError as error:  # a quota, a right that is missing, a namespace that ends: the phase matters more
                _LOG.warning("an Event was not taken", approval=f"{namespace}/{name}", error=str(error))
        if step.status is not None:
            await self._api.patch_status(
                namespace, name, resource_version=version, status=step.status, within=WITHIN, call="write status"
            )
            TRANSITIONS.labels(step.phase).inc()
            _LOG.info("transition", approval=f"{namespace}/{name}", phase=step.phase)
