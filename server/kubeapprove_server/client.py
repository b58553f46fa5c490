"""A client of the API server for one process, as a ServiceAccount: each call bounded by a time, none repeated by us.

(aiohttp itself repeats a GET or a DELETE once where a kept connection was closed, never a POST or PATCH.)
"""

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from kubeapprove_server.errors import ApiUnreachableError, NotFoundError, StartupError, api_error
from kubeapprove_server.metrics import API_SECONDS

MERGE_PATCH = "application/merge-patch+json"
_TOKEN_SECONDS = 30.0
"""How long a token read from its file is used; kubelet rotates it long before it ends."""
IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Where the API server is and as whom we call it: a ServiceAccount's token file."""

    server: str
    ca_file: Path
    token_file: Path

    def check(self) -> None:
        """Raise StartupError where a file is missing or the address is not one of TLS: a token travels there."""
        if not self.server.startswith("https://"):
            raise StartupError(f"the API server's address {self.server} must begin with https://; correct --api-server")
        for path in (self.ca_file, self.token_file):
            if not path.is_file():
                raise StartupError(
                    f"{path} does not exist: run in a Pod with a ServiceAccount, or give --api-server, --api-ca and "
                    "--api-token-file"
                )


def in_cluster_server() -> str:
    """Return the API server's address as a Pod finds it in its environment; raises StartupError."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise StartupError("not in a Pod: give --api-server, --api-ca and --api-token-file")
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def api_config(server: str, ca_file: Path | None, token_file: Path | None) -> ApiConfig:
    """Return where the API server is: as told by options, else as a Pod finds it; raises StartupError."""
    return ApiConfig(
        server=server.rstrip("/") or in_cluster_server(),
        ca_file=ca_file or IN_CLUSTER / "ca.crt",
        token_file=token_file or IN_CLUSTER / "token",
    )


class ApiClient:
    """`open` it inside the event loop and close it at the end. `agent` is the User-Agent: the manager of our writes."""

    def __init__(self, config: ApiConfig, agent: str) -> None:
        self._config, self._agent = config, agent
        self._session: aiohttp.ClientSession | None = None
        self._token = ("", 0.0)

    async def open(self) -> None:
        """Open the connection pool."""
        self._config.check()
        try:
            context = ssl.create_default_context(cafile=str(self._config.ca_file))
        except OSError:  # ssl.SSLError is one
            raise StartupError(f"{self._config.ca_file} holds no CA certificate in PEM; correct --api-ca") from None
        connector = aiohttp.TCPConnector(ssl=context, limit=0, keepalive_timeout=60)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)

    async def close(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()

    async def find(self, call: str, path: str, name: str, *, within: float) -> dict[str, Any] | None:
        """Return an object, None only where the API server says that exactly this object does not exist."""
        try:
            return await self.call(call, "GET", path, within=within)
        except NotFoundError as error:
            if error.name != name:
                raise
            return None

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
        """
        Make one call and return its JSON object; `call` is its name in errors and metrics.

        Raises ApiError, or ApiUnreachableError where no answer came `within` seconds.
        """
        if self._session is None:
            raise ApiUnreachableError(call, "the client is not open")
        headers = {
            "Authorization": f"Bearer {self._read_token(call)}",
            "Accept": accept,
            "User-Agent": self._agent,
            "Accept-Encoding": "identity",  # else the API server compresses from 128 KiB on, which costs milliseconds
        }
        data = None
        if body is not None:
            data, headers["Content-Type"] = orjson.dumps(body), content_type
        limit = aiohttp.ClientTimeout(total=max(within, 0.001))
        try:
            with API_SECONDS.labels(call).time():
                async with self._session.request(
                    method,
                    self._config.server + path,
                    data=data,
                    headers=headers,
                    timeout=limit,
                    allow_redirects=False,
                ) as response:
                    raw = await response.read()
                    status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiUnreachableError(call, type(error).__name__) from None
        if status == 401:
            self._token = ("", 0.0)  # it may have been replaced: the next call reads it anew
        return _read_answer(call, status, raw)

    def _read_token(self, call: str) -> str:
        token, read_at = self._token
        if not token or time.monotonic() - read_at > _TOKEN_SECONDS:
            file = self._config.token_file
            try:
                token = file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError):
                token = ""
            if not token.isprintable() or not token:
                raise ApiUnreachableError(call, f"{file} holds no token")
            self._token = (token, time.monotonic())
        return token


def _read_answer(call: str, status: int, raw: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        answer = None
    if not 200 <= status < 300:
        raise api_error(call, status, answer)
    if not isinstance(answer, dict):
        raise ApiUnreachableError(call, "the answer is not a JSON object")
    return answer
