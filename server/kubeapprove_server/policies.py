"""The policies as they were listed last: consistently, whole, in the background, and never on a request's way.

A list every two seconds, without a resourceVersion: what it shows was true after it was sent. So a decision rests on
policies that are at most as old as the list is; older than ten seconds, counted from sending it, nobody knows what they
say, and the webhook denies. Nothing but a complete list changes what is known: an error, a missing
CustomResourceDefinition or a page that does not come leave it to grow old.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
import structlog
from prometheus_client import Gauge

from kubeapprove.policies import POLICY_KIND, POLICY_PLURAL
from kubeapprove.policycheck import read_policy
from kubeapprove.resources import API_VERSION
from kubeapprove.ruling import Policies, Policy
from kubeapprove.settings import Settings
from kubeapprove_server.client import ApiClient
from kubeapprove_server.errors import KubeapproveServerError, OddAnswerError
from kubeapprove_server.metrics import REGISTRY

PERIOD: Final = 2.0
MAX_AGE: Final = 10.0
"""Seconds after which policies are not known any more."""
_WITHIN = 4.0
_PAGE = 50
_PATH = f"/apis/{API_VERSION}/{POLICY_PLURAL}"
_LOG = structlog.get_logger()
_AGE = Gauge(
    "kubeapprove_policy_age_seconds",
    "Since the list of policies that is known was asked for; from 10 on every agent is refused.",
    registry=REGISTRY,
)


async def list_policies(api: ApiClient, *, within: float = _WITHIN) -> list[dict[str, Any]]:
    """Return every policy as stored, of one moment; raises where the list is not known to be complete."""
    found: list[dict[str, Any]] = []
    page = ""
    while True:
        token = f"&continue={quote(page, safe='')}" if page else ""
        answer = await api.call("list policies", "GET", f"{_PATH}?limit={_PAGE}{token}", within=within)
        items, metadata = answer.get("items"), answer.get("metadata")
        if answer.get("kind") != f"{POLICY_KIND}List" or not isinstance(items, list) or not isinstance(metadata, dict):
            raise OddAnswerError("list policies", "it is no list of policies")
        if not all(isinstance(item, dict) for item in items):
            raise OddAnswerError("list policies", "an item is no object")
        found += items
        page = metadata.get("continue") or ""
        if not isinstance(page, str):
            raise OddAnswerError("list policies", "it does not say where it goes on")
        if not page:
            return found


class PolicyStore:
    """One for the process; `keep` it in the background. `seconds` is a clock that only goes forward."""

    def __init__(self, api: ApiClient, settings: Settings, seconds: Callable[[], float] = time.monotonic) -> None:
        self._api, self._settings, self._seconds = api, settings, seconds
        self._known: Policies | None = None
        self._sent_at = seconds() - 2 * MAX_AGE
        self._read: dict[bytes, Policy] = {}
        self.listed: list[tuple[Mapping[str, Any], Policy]] = []
        self.problem: str | None = "the policies were not listed yet"
        _AGE.set_function(self.age)

    def age(self) -> float:
        """Seconds since the list that is known was asked for."""
        return self._seconds() - self._sent_at

    def current(self) -> Policies | None:
        """Return the policies, None where nobody knows what they say now."""
        return self._known if self.age() <= MAX_AGE else None

    def known_until(self) -> float:
        """Return the moment after which nothing may rest on what `current` says now, for `is_over`."""
        return self._sent_at + MAX_AGE

    def is_over(self, moment: float) -> bool:
        """Whether that moment has passed: a request may wait for long between reading policies and its answer."""
        return self._seconds() > moment

    def last_known(self) -> Policies | None:
        """Return the policies of the last complete list, however old; None where there was none."""
        return self._known

    async def keep(self) -> None:
        """List for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(PERIOD)

    async def refresh(self) -> None:
        """List once; what could not be listed stays as it was known, until that is too old."""
        sent_at = self._seconds()
        try:
            listed = await list_policies(self._api)
            keys = [_key(raw) for raw in listed]
        except KubeapproveServerError as error:
            before, self.problem = self.problem, str(error)
            if before != self.problem:
                with contextlib.suppress(Exception):  # a closed stderr is no reason to list never again
                    _LOG.warning("policies not listed", error=self.problem)
            return
        if sent_at < self._sent_at:
            return  # another list was asked for later, and is known already
        read = [self._policy(key, raw) for key, raw in zip(keys, listed, strict=True)]
        self._read = dict(zip(keys, read, strict=True))
        self._known = Policies(read, self._settings.named_roles)
        self.listed = list(zip(listed, read, strict=True))
        self._sent_at, self.problem = sent_at, None

    def _policy(self, key: bytes, raw: Mapping[str, Any]) -> Policy:
        """Read a policy, or take it as it was read before: conditions are compiled once."""
        known = self._read.get(key)
        return read_policy(raw, self._settings) if known is None else known


def _key(raw: Mapping[str, Any]) -> bytes:
    """Return a policy's bytes: its uid and resourceVersion alone may come again after a restored backup."""
    try:
        return orjson.dumps(raw)
    except orjson.JSONEncodeError:
        raise OddAnswerError("list policies", "an item is nested too deeply") from None
