"""Approvals at the API server, as webhook and operator read, mark and delete them.

Reads are GETs by name. `consistent=False` may be stale (`resourceVersion=0`, from the watch cache): harmless, because
what follows is written on the resourceVersion that was read. Nothing here retries: the caller decides again instead.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kubeapprove.resources import API_VERSION, PLURAL
from kubeapprove_server.client import MERGE_PATCH, ApiClient
from kubeapprove_server.errors import OddAnswerError

_PING_NAME = "kubeapprove-readiness"


class ApprovalsClient(ApiClient):
    """What both servers do with approvals, and the Secrets of the system namespace."""

    async def get_approval(
        self, namespace: str, name: str, *, consistent: bool, within: float
    ) -> dict[str, Any] | None:
        """Return the approval as it is stored, None where there is none."""
        query = "" if consistent else "?resourceVersion=0"
        call = "get approval" if consistent else "get cached approval"
        approval = await self.find(call, approval_path(namespace, name) + query, name, within=within)
        if approval is not None:
            metadata = approval.get("metadata")
            if not isinstance(metadata, dict) or (metadata.get("namespace"), metadata.get("name")) != (namespace, name):
                raise OddAnswerError(call, "it is another object")
        return approval

    async def delete_approval(
        self, namespace: str, name: str, *, uid: str, resource_version: str, within: float
    ) -> None:
        """Delete exactly the approval that was read; raises ConflictError where it is another by now."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid, "resourceVersion": resource_version},
        }
        await self.call("delete approval", "DELETE", approval_path(namespace, name), options, within=within)

    async def patch_status(
        self, namespace: str, name: str, *, resource_version: str, status: Mapping[str, Any], within: float, call: str
    ) -> dict[str, Any]:
        """Write into the status on exactly the version that was read; raises ConflictError where it is another by now.

        The resourceVersion is what protects (the API server ignores a wrong uid here), so an empty one is refused.
        """
        if not resource_version:
            raise OddAnswerError(call, "the approval was read without a resourceVersion")
        patch = {"metadata": {"resourceVersion": resource_version}, "status": dict(status)}
        path = approval_path(namespace, name) + "/status"
        return await self.call(call, "PATCH", path, patch, within=within, content_type=MERGE_PATCH)

    async def ping(self, namespace: str, *, within: float) -> None:
        """Raise where approvals cannot be read: no server, no rights, no CustomResourceDefinition.

        One name and no list: from the watch cache a list ignores its limit, and approvals are up to a megabyte each.
        """
        await self.find("ping", approval_path(namespace, _PING_NAME) + "?resourceVersion=0", _PING_NAME, within=within)

    async def get_secret(self, namespace: str, name: str, *, within: float) -> dict[str, Any] | None:
        """Return a Secret, None where there is none."""
        return await self.find("get secret", f"/api/v1/namespaces/{namespace}/secrets/{name}", name, within=within)

    async def create_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Create a Secret; raises ConflictError where its name is taken."""
        return await self.call(
            "create secret", "POST", f"/api/v1/namespaces/{namespace}/secrets", secret, within=within
        )

    async def replace_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Replace a Secret on the resourceVersion in it; raises ConflictError where it is another."""
        path = f"/api/v1/namespaces/{namespace}/secrets/{secret['metadata']['name']}"
        return await self.call("replace secret", "PUT", path, secret, within=within)


def approval_path(namespace: str, name: str = "") -> str:
    """Return the URL path of an approval, or of a namespace's approvals."""
    # A CONNECT may name any namespace, and what the API server decoded once must not be decoded into a path again.
    path = f"/apis/{API_VERSION}/namespaces/{quote(namespace, safe='')}/{PLURAL}"
    return f"{path}/{name}" if name else path
