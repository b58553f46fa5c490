"""The few calls to the API server that a verdict needs, bounded by what is left of the request's time.

Reads are GETs by name. `consistent=False` may be stale (`resourceVersion=0`, from the watch cache): harmless, because
the claim is made on the resourceVersion that was read. Nothing here retries: the caller decides again instead. (The
client itself repeats a GET or a DELETE once where a kept connection was closed, never a POST or PATCH.)
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from kubeapprove.identity import UserInfo
from kubeapprove.resources import API_VERSION, GROUP, PLURAL, VERSION
from kubeapprove_webhook.errors import (
    ApiUnreachableError,
    NotFoundError,
    OddAnswerError,
    StartupError,
    api_error,
)
from kubeapprove_webhook.metrics import API_SECONDS

_MERGE_PATCH = "application/merge-patch+json"
_TOKEN_SECONDS = 30.0
"""How long a token read from its file is used; kubelet rotates it long before it ends."""
_CRD_SECONDS = 2.0
_PING_NAME = "kubeapprove-readiness"
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


class Api:
    """A client for one process; `open` it inside the event loop and close it at the end."""

    def __init__(self, config: ApiConfig) -> None:
        self._config = config
        self._session: aiohttp.ClientSession | None = None
        self._token = ("", 0.0)
        self._storage_versions: dict[str, tuple[str | None, float]] = {}

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

    async def get_approval(
        self, namespace: str, name: str, *, consistent: bool, within: float
    ) -> dict[str, Any] | None:
        """Return the approval as it is stored, None where there is none."""
        query = "" if consistent else "?resourceVersion=0"
        call = "get approval" if consistent else "get cached approval"
        approval = await self._find(call, _path(namespace, name) + query, name, within=within)
        if approval is not None:
            metadata = approval.get("metadata")
            if not isinstance(metadata, dict) or (metadata.get("namespace"), metadata.get("name")) != (namespace, name):
                raise OddAnswerError(call, "it is another object")
        return approval

    async def create_approval(self, namespace: str, approval: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Create an approval; raises ConflictError where its name is taken."""
        return await self._call("create approval", "POST", _path(namespace), approval, within=within)

    async def delete_approval(
        self, namespace: str, name: str, *, uid: str, resource_version: str, within: float
    ) -> None:
        """Delete exactly the approval that was read; raises ConflictError where it is another by now."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid, "resourceVersion": resource_version},
        }
        await self._call("delete approval", "DELETE", _path(namespace, name), options, within=within)

    async def patch_status(
        self, namespace: str, name: str, *, resource_version: str, status: Mapping[str, Any], within: float
    ) -> dict[str, Any]:
        """Write into the status on exactly the version that was read; raises ConflictError where it is another by now.

        The resourceVersion is what protects (the API server ignores a wrong uid here), so an empty one is refused.
        """
        if not resource_version:
            raise OddAnswerError("claim", "the approval was read without a resourceVersion")
        patch = {"metadata": {"resourceVersion": resource_version}, "status": dict(status)}
        path = _path(namespace, name) + "/status"
        return await self._call("claim", "PATCH", path, patch, within=within, content_type=_MERGE_PATCH)

    async def may(self, user: UserInfo, *, verb: str, namespace: str, name: str, within: float) -> bool:
        """Ask whether somebody holds `verb` on an approval. Anything but a plain `allowed: true` is no."""
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": user.username,
                "uid": user.uid,
                "groups": list(user.groups),
                "extra": {key: list(values) for key, values in user.extra.items()},
                "resourceAttributes": {
                    "group": GROUP,
                    "version": VERSION,
                    "resource": PLURAL,
                    "verb": verb,
                    "namespace": namespace,
                    "name": name,
                },
            },
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        answer = await self._call("access review", "POST", path, review, within=within)
        status = answer.get("status")
        return isinstance(status, dict) and status.get("allowed") is True and status.get("denied", False) is False

    async def storage_version(self, plural: str, group: str, *, within: float) -> str | None:
        """Return the storage version of a CRD, None where the resource is no custom resource. Cached for 2 s."""
        name = f"{plural}.{group}"
        version, read_at = self._storage_versions.get(name, (None, -_CRD_SECONDS))
        if time.monotonic() - read_at < _CRD_SECONDS:
            return version
        sent_at = time.monotonic()
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{quote(name, safe='')}"
        crd = await self._find("get crd", path, name, within=within)
        version = None if crd is None else _storage_version(crd)
        self._storage_versions[name] = (version, sent_at)
        return version

    async def cluster_uid(self, *, within: float) -> str:
        """Return the uid of the kube-system namespace."""
        namespace = await self._call("get cluster", "GET", "/api/v1/namespaces/kube-system", within=within)
        metadata = namespace.get("metadata")
        uid = metadata.get("uid") if isinstance(metadata, dict) else None
        if not isinstance(uid, str) or not uid:
            raise OddAnswerError("get cluster", "the namespace kube-system has no uid")
        return uid

    async def ping(self, namespace: str, *, within: float) -> None:
        """Raise where approvals cannot be read: no server, no rights, no CustomResourceDefinition.

        One name and no list: from the watch cache a list ignores its limit, and approvals are up to a megabyte each.
        """
        await self._find("ping", _path(namespace, _PING_NAME) + "?resourceVersion=0", _PING_NAME, within=within)

    async def get_secret(self, namespace: str, name: str, *, within: float) -> dict[str, Any] | None:
        """Return a Secret, None where there is none."""
        return await self._find("get secret", f"/api/v1/namespaces/{namespace}/secrets/{name}", name, within=within)

    async def create_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Create a Secret; raises ConflictError where its name is taken."""
        path = f"/api/v1/namespaces/{namespace}/secrets"
        return await self._call("create secret", "POST", path, secret, within=within)

    async def _find(self, call: str, path: str, name: str, *, within: float) -> dict[str, Any] | None:
        """Return an object, None only where the API server says that exactly this object does not exist."""
        try:
            return await self._call(call, "GET", path, within=within)
        except NotFoundError as error:
            if error.name != name:
                raise
            return None

    async def _call(
        self,
        call: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        within: float,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        if self._session is None:
            raise ApiUnreachableError(call, "the client is not open")
        headers = {
            "Authorization": f"Bearer {self._read_token(call)}",
            "Accept": "application/json",
            "User-Agent": "kubeapprove-webhook",  # the audit log's name for us, and the manager of what we write
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


def _storage_version(crd: Mapping[str, Any]) -> str:
    spec = crd.get("spec")
    versions = spec.get("versions") if isinstance(spec, dict) else None
    for entry in versions if isinstance(versions, list) else ():
        if isinstance(entry, dict) and entry.get("storage") is True and isinstance(entry.get("name"), str):
            return str(entry["name"])
    raise OddAnswerError("get crd", "it names no storage version")


def _path(namespace: str, name: str = "") -> str:
    # A CONNECT may name any namespace, and what the API server decoded once must not be decoded into a path again.
    path = f"/apis/{API_VERSION}/namespaces/{quote(namespace, safe='')}/{PLURAL}"
    return f"{path}/{name}" if name else path
