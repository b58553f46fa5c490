"""Requests of many at the same time, on connections that are kept: the load must not be what is slow."""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from e2e.cluster.control_plane import ControlPlane

TIMEOUT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the API server; status 0 where there was none."""

    at: float
    seconds: float
    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class Client:
    """Speaks for the identities that it is told of, which the control plane knows."""

    def __init__(self, control_plane: ControlPlane, identities: Sequence[str]) -> None:
        self._control_plane, self._identities = control_plane, identities
        self._stack = AsyncExitStack()
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        for name in self._identities:
            self._sessions[name] = await self._stack.enter_async_context(self._session(name))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        await asyncio.sleep(0)  # connections are closed by the loop's next turn

    async def send(self, who: str, method: str, path: str, body: Any = None) -> Answer:
        """Send one request; PATCH is a merge patch."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = None if body is None else json.dumps(body)
        at = time.monotonic()
        try:
            async with self._sessions[who].request(method, path, data=data, headers={"Content-Type": kind}) as answer:
                status, text = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answer(at, time.monotonic() - at, 0)
        return Answer(at, time.monotonic() - at, status, _document(text))

    def _session(self, name: str) -> aiohttp.ClientSession:
        config = json.loads(self._control_plane.kubeconfig(name).read_text())
        user = config["users"][0]["user"]
        context = ssl.create_default_context(cafile=self._control_plane.ca_file)
        headers = {"Accept": "application/json"}
        if "token" in user:
            headers["Authorization"] = f"Bearer {user['token']}"
        else:
            context.load_cert_chain(self._pem(name, user))
        connector = aiohttp.TCPConnector(ssl=context, limit=0, keepalive_timeout=60)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        return aiohttp.ClientSession(self._control_plane.url, connector=connector, headers=headers, timeout=timeout)

    def _pem(self, name: str, user: Mapping[str, str]) -> Path:
        """Write key and certificate where OpenSSL reads them: it takes files only."""
        path = self._control_plane.state / f"storm-{name}.pem"
        path.touch(mode=0o600)
        parts = (user["client-certificate-data"], user["client-key-data"])
        path.write_bytes(b"".join(base64.b64decode(part) for part in parts))
        return path


def _document(text: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
