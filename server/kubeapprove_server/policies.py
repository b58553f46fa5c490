"""The policies as they were listed last: consistently, whole, in the background, and never on a request's way.

A list every two seconds, without a resourceVersion: what it shows was true after it was sent. So a decision rests on
policies that are at most as old as the list is; older than ten seconds, counted from sending it, nobody knows what they
say, and the webhook denies. Nothing but a complete list changes what is known: an error, a missing
CustomResourceDefinition or a page that does not come leave it to grow old.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

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
        if not page:
            return found


class PolicyStore:
    """One for the process; `keep` it in the background."""

    def __init__(self, api: ApiClient, settings: Settings) -> None:
        self._api, self._settings = api, settings
        self._known: Policies | None = None
        self._sent_at = -MAX_AGE
        self._read: dict[tuple[str, str], Policy] = {}
        self.listed: list[tuple[Mapping[str, Any], Policy]] = []
        self.problem: str | None = "the policies were not listed yet"
        _AGE.set_function(self.age)

    def age(self) -> float:
        """Seconds since the list that is known was asked for."""
        return time.monotonic() - self._sent_at

    def current(self) -> Policies | None:
        """Return the policies, None where nobody knows what they say now."""
        return self._known if self.age() <= MAX_AGE else None

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
        sent_at = time.monotonic()
        try:
            listed = await list_policies(self._api)
        except KubeapproveServerError as error:
            if self.problem != str(error):
                _LOG.warning("policies not listed", error=str(error))
            self.problem = str(error)
            return
        read = [(self._key(raw), self._policy(raw)) for raw in listed]
        self._read = dict(read)
        self._known = Policies([policy for _, policy in read], self._settings.named_roles)
        self.listed = list(zip(listed, self._known.all, strict=True))
        self._sent_at, self.problem = sent_at, None

    def _policy(self, raw: Mapping[str, Any]) -> Policy:
        """Read a policy, or take it as it was read before: conditions are compiled once."""
        known = self._read.get(self._key(raw))
        return read_policy(raw, self._settings) if known is None else known

    @staticmethod
    def _key(raw: Mapping[str, Any]) -> tuple[str, str]:
        metadata = raw.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        return str(metadata.get("uid")), str(metadata.get("resourceVersion"))
