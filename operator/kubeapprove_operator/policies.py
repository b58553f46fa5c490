"""Keeps the policies' conditions true: `Valid`, and `Enforced` ten seconds after the registration matches its agents.

Ten seconds, because by then every replica of the webhook knows the policy, or denies: it lists every two, and what is
older than ten says nothing. What a status says of this generation already is believed, whoever found it out: so neither
a new start nor a second operator takes it back. A registration that was not as it should be does, for everybody.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog
from prometheus_client import Gauge

from kubeapprove.identity import Agent
from kubeapprove.policycheck import hides_agents
from kubeapprove.policymirror import Enforcement, policy_status, says_enforced
from kubeapprove.ruling import Policy
from kubeapprove_server.errors import ConflictError, KubeapproveServerError, NotFoundError
from kubeapprove_server.metrics import REGISTRY
from kubeapprove_server.policies import MAX_AGE

_LOG = structlog.get_logger()
PERIOD: Final = 1.0
_LONG_AGO: Final = float("-inf")
_REGISTERED: Final = Enforcement(True, "Registered", "whatever its agents ask is judged by it")
_COUNT = Gauge("kubeapprove_policies", "Policies, by whether they can be used.", ["valid"], registry=REGISTRY)


class Registered:
    """Since when which agents are matched by the registration, on the monotonic clock. `problem`: why it cannot be."""

    def __init__(self) -> None:
        self._since: dict[Agent, float] | None = None
        self.wrong_until = _LONG_AGO
        """When it was last found not to be as it should."""
        self.problem: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the registration was looked at since our start."""
        return self._since is not None

    def found_right(self, agents: Iterable[Agent], *, now: float) -> None:
        """Note that these agents are matched. At our start they have been before."""
        unknown = _LONG_AGO if self._since is None else now
        self._since = {agent: (self._since or {}).get(agent, unknown) for agent in agents}

    def followed(self, agents: Iterable[Agent], *, now: float) -> None:
        """Note that we changed it to these agents ourselves: who was in it stays."""
        self._since = {agent: (self._since or {}).get(agent, now) for agent in agents}

    def repaired(self, agents: Iterable[Agent], *, now: float) -> None:
        """Note that it was wrong until now, nobody knows since when."""
        self._since = dict.fromkeys(agents, now)
        self.wrong_until = now

    def since(self, agents: Iterable[Agent]) -> float | None:
        """Return since when all of them are, None while one is not."""
        moments = [(self._since or {}).get(agent) for agent in agents]
        known = [moment for moment in moments if moment is not None]
        return max(known, default=_LONG_AGO) if len(known) == len(moments) else None


class Statuses(Protocol):
    """Where statuses are written: the API server."""

    async def patch_policy_status(self, name: str, *, resource_version: str, status: Mapping[str, Any]) -> None:
        """Write on exactly the version that was read; raises ConflictError where it is another."""


class Listed(Protocol):
    """The policies of the last complete list, as stored and as read."""

    @property
    def listed(self) -> Sequence[tuple[Mapping[str, Any], Policy]]:
        """Each policy."""


class PolicyStatuses:
    """One for the process."""

    def __init__(self, api: Statuses, store: Listed, registered: Registered) -> None:
        self._api, self._store, self._registered = api, store, registered
        # When a generation was first seen, or last seen to lose Enforced; and whether it had that.
        self._seen: dict[tuple[str, int], tuple[float, bool]] = {}

    async def keep(self) -> None:
        """Look and write until cancelled."""
        while True:
            await self.look(time.monotonic())
            await asyncio.sleep(PERIOD)

    async def look(self, now: float) -> None:
        """Write each status that is not true, once. `now` is of the monotonic clock."""
        pairs = self._store.listed
        for word, is_valid in (("true", True), ("false", False)):
            _COUNT.labels(word).set(sum((not policy.problem) is is_valid for _, policy in pairs))
        seen = {}
        for raw, policy in pairs:
            key, says = (policy.uid, policy.generation), says_enforced(raw, policy.generation)
            moment, said = self._seen.get(key, (now, False))
            seen[key] = (now if said and not says else moment, says)
        self._seen = seen
        for raw, policy in pairs:
            await self._write(raw, policy, self._enforcement(raw, policy, now))

    def _enforcement(self, raw: Mapping[str, Any], policy: Policy, now: float) -> Enforcement:
        moment, says = self._seen[policy.uid, policy.generation]
        if says and not self._registered.is_known:
            return _REGISTERED
        if not policy.agents or hides_agents(raw) or len(policy.agents) != len(raw["spec"]["agents"]):
            return Enforcement(False, "NotAnAgent", "it names nobody, or somebody who cannot be an agent")
        since = self._registered.since(policy.agents)
        if since is None:
            why = "" if self._registered.problem is None else f": {self._registered.problem}"
            return Enforcement(False, "NotRegistered", f"the webhook registration does not match its agents yet{why}")
        if now < MAX_AGE + (self._registered.wrong_until if says else max(since, moment)):
            words = f"every part of the gate knows it {MAX_AGE:.0f} s after it was registered"
            return Enforcement(False, "Waiting", words)
        return _REGISTERED

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
