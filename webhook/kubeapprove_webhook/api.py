"""The few calls to the API server that a verdict needs, bounded by what is left of the request's time.

Reads are GETs by name. `consistent=False` may be stale (`resourceVersion=0`, from the watch cache): harmless, because
the claim is made on the resourceVersion that was read. Nothing here retries: the caller decides again instead.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from kubeapprove.identity import UserInfo
from kubeapprove.resources import API_VERSION, GROUP, PLURAL, VERSION
from kubeapprove_webhook.errors import ApiUnreachableError, NotFoundError, StartupError, api_error
from kubeapprove_webhook.metrics import API_SECONDS

_MERGE_PATCH = "application/merge-patch+json"
_TOKEN_SECONDS = 30.0
"""How long a token read from its file is used; kubelet rotates it long before it ends."""
_CRD_SECONDS = 2.0
IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Where the API server is and as whom we call it: a ServiceAccount's token file."""

    server: str
    ca_file: Path
    token_file: Path

    def check(self) -> None:
        """Raise StartupError where a file is missing."""
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
        context = ssl.create_default_context(cafile=str(self._config.ca_file))
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
        try:
            return await self._call(call, "GET", _path(namespace, name) + query, within=within)
        except NotFoundError:
            return None

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
            raise ApiUnreachableError("claim", "the approval was read without a resourceVersion")
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
        return answer.get("status", {}).get("allowed") is True

    async def storage_version(self, plural: str, group: str, *, within: float) -> str | None:
        """Return the storage version of a CRD, None where the resource is no custom resource. Cached for 2 s."""
        name = f"{plural}.{group}"
        version, read_at = self._storage_versions.get(name, (None, -_CRD_SECONDS))
        if time.monotonic() - read_at < _CRD_SECONDS:
            return version
        sent_at = time.monotonic()
        try:
            path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
            crd = await self._call("get crd", "GET", path, within=within)
            version = next(entry["name"] for entry in crd["spec"]["versions"] if entry.get("storage") is True)
        except NotFoundError:
            version = None
        self._storage_versions[name] = (version, sent_at)
        return version

    async def cluster_uid(self, *, within: float) -> str:
        """Return the uid of the kube-system namespace."""
        namespace = await self._call("get cluster", "GET", "/api/v1/namespaces/kube-system", within=within)
        return str(namespace["metadata"]["uid"])

    async def ping(self, namespace: str, *, within: float) -> None:
        """Raise where approvals cannot be read: no server, no rights, no CustomResourceDefinition."""
        await self._call("ping", "GET", _path(namespace) + "?limit=1&resourceVersion=0", within=within)

    async def get_secret(self, namespace: str, name: str, *, within: float) -> dict[str, Any] | None:
        """Return a Secret, None where there is none."""
        try:
            return await self._call(
                "get secret", "GET", f"/api/v1/namespaces/{namespace}/secrets/{name}", within=within
            )
        except NotFoundError:
            return None

    async def create_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Create a Secret; raises ConflictError where its name is taken."""
        path = f"/api/v1/namespaces/{namespace}/secrets"
        return await self._call("create secret", "POST", path, secret, within=within)

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
        headers = {"Authorization": f"Bearer {self._read_token()}", "Accept": "application/json"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = orjson.dumps(body), content_type
        limit = aiohttp.ClientTimeout(total=max(within, 0.001))
        try:
            with API_SECONDS.labels(call).time():
                async with self._session.request(
                    method, self._config.server + path, data=data, headers=headers, timeout=limit
                ) as response:
                    raw = await response.read()
                    status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiUnreachableError(call, type(error).__name__) from None
        return _read_answer(call, status, raw)

    def _read_token(self) -> str:
        token, read_at = self._token
        if not token or time.monotonic() - read_at > _TOKEN_SECONDS:
            token = self._config.token_file.read_text(encoding="ascii").strip()
            self._token = (token, time.monotonic())
        return token


def _read_answer(call: str, status: int, raw: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        answer = None
    if status >= 400:
        raise api_error(call, status, answer)
    if not isinstance(answer, dict):
        raise ApiUnreachableError(call, "the answer is not a JSON object")
    return answer


def _path(namespace: str, name: str = "") -> str:
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/{PLURAL}"
    return f"{path}/{name}" if name else path
