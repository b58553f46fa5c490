"""How many requests of whom wait for people: counted in the background, and never on a request's way.

The count is soft. A list every few seconds says what waits; what this process asked for since then is added, so that a
burst within one interval is bounded too. Each replica counts its own burst: with r replicas up to r times as many may
be asked for within an interval. Only metadata and columns are read, a page at a time: approvals are up to a megabyte.

An unknown count refuses nobody: what it protects is people's attention and etcd's room, and asking allows nothing.
Whether a request waits is told by `status.phase` (for people: the webhook writes Consumed, the operator the rest) and
by the time until which people may decide. Where no operator runs, what is denied or revoked counts until that time.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog

from kubeapprove.raw import as_map
from kubeapprove.resources import GROUP, PENDING_UNTIL_ANNOTATION, Phase
from kubeapprove_server.errors import KubeapproveServerError, OddAnswerError
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.metrics import WAITING_LISTED

REQUESTER_LABEL = f"{GROUP}/requester"
"""Whose approval it is, as a digest: an identity key fits into no label. Written at birth; agents cannot change it."""
_EVERY = 5.0
_SHARE = 20
"""A list that takes long is made seldom: never more than one twentieth of the time."""
_UNKNOWN_AFTER = 60.0
"""Seconds after which a list that could not be renewed says nothing any more."""
_PAGE_SECONDS = 10.0
_OPEN = (Phase.PENDING, Phase.APPROVED)
_LOG = structlog.get_logger("kubeapprove.webhook")


def requester_label(key: str) -> str:
    """Return the label's value: 32 characters of lower-case base32 of SHA-256 of the identity key."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:32]


class Waiting:
    """The count of one process. Approvals are named `namespace/name`, requesters by their label."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._listed: dict[str, set[str]] = {}
        self._listed_at = -_UNKNOWN_AFTER
        # Approval → requester and when we last asked for it; `inf` while the API server has not answered.
        self._own: dict[str, tuple[str, float]] = {}

    def others(self, requester: str, approval: str) -> int:
        """Return how many requests of this requester wait, this one not counted, as far as is known."""
        oldest = time.monotonic() - _UNKNOWN_AFTER
        names = {name for name, (whose, at) in self._own.items() if whose == requester and at > oldest}
        if self._listed_at > oldest:
            names |= self._listed.get(requester, set())
        return len(names - {approval})

    @contextmanager
    def asking(self, requester: str, approval: str) -> Iterator[None]:
        """Count a request from before its approval is created: others must see it while the answer is awaited.

        Counted whatever the answer is, for a lost one may have been a yes; the next list knows.
        """
        self._own[approval] = (requester, float("inf"))
        try:
            yield
        finally:
            self._own[approval] = (requester, time.monotonic())

    async def keep_counting(self) -> None:
        """List for ever."""
        while True:
            started = time.monotonic()
            await self.count()
            await asyncio.sleep(max(_EVERY, _SHARE * (time.monotonic() - started)))

    async def count(self) -> None:
        """List once; what could not be listed stays as it was known, until that is too old."""
        sent_at = time.monotonic()
        try:
            listed = await self._list()
        except KubeapproveServerError as error:
            _LOG.warning("waiting requests not counted", error=str(error))
            kept_from = sent_at - _UNKNOWN_AFTER
        else:
            self._listed, self._listed_at = listed, sent_at
            WAITING_LISTED.set_to_current_time()
            kept_from = sent_at  # the list is consistent: it holds whatever was created before it was asked for
        self._own = {name: own for name, own in self._own.items() if own[1] > kept_from}

    async def _list(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        now = datetime.now(UTC)
        page = ""
        while True:
            table = await self._api.approvals_table(page, within=_PAGE_SECONDS)
            for metadata, phase in _rows(table):
                requester = as_map(metadata.get("labels")).get(REQUESTER_LABEL)
                if isinstance(requester, str) and phase in _OPEN and _waits(metadata, now):
                    found.setdefault(requester, set()).add(f"{metadata.get('namespace')}/{metadata.get('name')}")
            page = as_map(table.get("metadata")).get("continue") or ""
            if not page:
                return found


def _rows(table: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each row's metadata and phase; raises OddAnswerError where the table is not one of approvals."""
    try:
        column = [definition["name"] for definition in table["columnDefinitions"]].index("Phase")
        for row in table["rows"]:
            yield as_map(row["object"]["metadata"]), row["cells"][column]
    except (KeyError, TypeError, ValueError, IndexError):
        raise OddAnswerError("list approvals", "it is no table of approvals") from None


def _waits(metadata: Mapping[str, Any], now: datetime) -> bool:
    if "deletionTimestamp" in metadata:
        return False
    try:
        return datetime.fromisoformat(str(as_map(metadata.get("annotations")).get(PENDING_UNTIL_ANNOTATION))) > now
    except (ValueError, TypeError):  # a time without its offset cannot be compared
        return False
