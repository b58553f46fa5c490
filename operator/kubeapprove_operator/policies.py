"""Keeps the policies' conditions true: `Valid`, and `Enforced` ten seconds after the registration matches its agents.

Ten seconds, because by then every replica of the webhook knows the policy, or denies: it lists every two, and what is
older than ten says nothing. Where the registration was found right at our start, its agents have been in it before.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from prometheus_client import Gauge

from kubeapprove.identity import Agent
from kubeapprove.policymirror import Enforcement, policy_status, says_enforced
from kubeapprove.ruling import Policy
from kubeapprove_operator.api import Api
from kubeapprove_server.errors import ConflictError, KubeapproveServerError, NotFoundError
from kubeapprove_server.metrics import REGISTRY
from kubeapprove_server.policies import MAX_AGE, PolicyStore

_LOG = structlog.get_logger()
PERIOD: Final = 1.0
_LONG_AGO: Final = float("-inf")
_COUNT = Gauge("kubeapprove_policies", "Policies, by whether they can be used.", ["valid"], registry=REGISTRY)


class Registered:
    """Since when which agents are matched by the registration, on the monotonic clock."""

    def __init__(self) -> None:
        self._since: dict[Agent, float] = {}

    def put(self, agents: Iterable[Agent], *, was_right: bool, now: float) -> None:
        """Note what is registered now. `was_right`: it was found so; else it was wrong until this moment."""
        unknown = _LONG_AGO if was_right and not self._since else now
        self._since = {agent: self._since.get(agent, unknown) if was_right else now for agent in agents}

    def add(self, agents: Iterable[Agent], *, now: float) -> None:
        """Note that we changed it to these agents ourselves: who was in it stays."""
        self._since = {agent: self._since.get(agent, now) for agent in agents}

    def since(self, agents: Iterable[Agent]) -> float | None:
        """Return since when all of them are, None while one is not."""
        moments = [self._since.get(agent) for agent in agents]
        return None if any(moment is None for moment in moments) else max(filter(None, moments), default=_LONG_AGO)


class PolicyStatuses:
    """One for the process."""

    def __init__(self, api: Api, store: PolicyStore, registered: Registered) -> None:
        self._api, self._store, self._registered = api, store, registered
        self._first_seen: dict[tuple[str, int], float] = {}

    async def keep(self) -> None:
        """Look and write until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PERIOD)

    async def look(self) -> None:
        """Write each status that is not true, once."""
        now = time.monotonic()
        pairs = self._store.listed
        for word, is_valid in (("true", True), ("false", False)):
            _COUNT.labels(word).set(sum((not policy.problem) is is_valid for _, policy in pairs))
        seen = {
            (policy.uid, policy.generation): _LONG_AGO if says_enforced(raw, policy.generation) else now
            for raw, policy in pairs
        }
        self._first_seen = {key: self._first_seen.get(key, moment) for key, moment in seen.items()}
        for raw, policy in pairs:
            await self._write(raw, policy, self._enforcement(policy, now))

    def _enforcement(self, policy: Policy, now: float) -> Enforcement:
        since = self._registered.since(policy.agents)
        if since is None:
            return Enforcement(False, "NotRegistered", "the webhook registration does not match its agents yet")
        ready = max(since, self._first_seen[policy.uid, policy.generation]) + MAX_AGE
        if now < ready:
            return Enforcement(
                False, "Waiting", f"every part of the gate knows it {MAX_AGE:.0f} s after it was registered"
            )
        return Enforcement(True, "Registered", "whatever its agents ask is judged by it")

    async def _write(self, raw: Mapping[str, Any], policy: Policy, enforcement: Enforcement) -> None:
        status = policy_status(raw, policy, enforcement, datetime.now(UTC))
        if status is None:
            return
        try:
            await self._api.patch_policy_status(
                policy.name, resource_version=str(raw["metadata"].get("resourceVersion", "")), status=status
            )
        except (ConflictError, NotFoundError):
            return  # somebody was first: the next list shows it
        except KubeapproveServerError as error:
            _LOG.warning("a policy's status was not written", policy=policy.name, error=str(error))
            return
        _LOG.info("policy", policy=policy.name, valid=not policy.problem, enforced=enforcement.is_true)
