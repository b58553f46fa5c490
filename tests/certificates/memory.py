"""Secrets and Events in memory, for the operator's certificates: conflicts as the API server makes them, deaths where a test says so."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kubeapprove_operator.api import Api
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import ApiError, ConflictError


class Memory(Api):
    """Stands in for the API server; the write number `dies_at` ends the process."""

    def __init__(self) -> None:
        super().__init__(ApiConfig("https://memory.invalid", Path(), Path()))
        self.secrets: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.event_fails: ApiError | None = None
        self.events_tried = 0
        self.writes = 0
        self.dies_at: int | None = None

    async def get_secret(self, namespace: str, name: str, *, within: float) -> dict[str, Any] | None:
        del namespace, within
        return copy.deepcopy(self.secrets.get(name))

    async def create_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        del namespace, within
        return self._write(secret, is_new=True)

    async def replace_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        del namespace, within
        return self._write(secret, is_new=False)

    async def get_registration(self, plural: str, name: str) -> dict[str, Any] | None:
        return {"kind": plural, "metadata": {"name": name, "uid": "of-the-registration"}}

    async def call(
        self,
        call: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        within: float,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> dict[str, Any]:
        """Take an Event, once for each name."""
        assert (call, method, within > 0) == ("create event", "POST", True), (path, content_type, accept)
        assert body is not None
        self.events_tried += 1
        if self.event_fails is not None:
            raise self.event_fails
        name = body["metadata"]["name"]
        if name in self.events:
            raise ConflictError(call, 409, "AlreadyExists")
        self.events[name] = dict(body)
        return {}

    def _write(self, secret: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
        name = secret["metadata"]["name"]
        found = self.secrets.get(name)
        if self.writes == self.dies_at:
            raise KilledError
        if is_new != (found is None) or (
            found is not None and found["metadata"]["resourceVersion"] != secret["metadata"].get("resourceVersion")
        ):
            raise ConflictError("write secret", 409, "Conflict")
        self.writes += 1
        stored = copy.deepcopy(dict(secret))
        stored["metadata"] |= {"resourceVersion": str(self.writes), "uid": name}
        self.secrets[name] = stored
        return stored


class KilledError(Exception):
    """The process is gone."""
