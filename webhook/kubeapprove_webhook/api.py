"""The few calls to the API server that a verdict needs, bounded by what is left of the request's time."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kubeapprove.identity import UserInfo
from kubeapprove.resources import API_VERSION, GROUP, PLURAL, VERSION
from kubeapprove.versions import StoredIn, read_stored_in
from kubeapprove_server.approvals import ApprovalsClient, approval_path
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import OddAnswerError

_CRD_SECONDS = 2.0
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
_PAGE = 100  # a page of 500 costs 12 MiB while it is read


class Api(ApprovalsClient):
    """The calls of the hot path, and of start-up."""

    def __init__(self, config: ApiConfig) -> None:
        super().__init__(config, "kubeapprove-webhook")
        self._stored_in: dict[str, tuple[StoredIn | None, float]] = {}

    async def create_approval(self, namespace: str, approval: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        """Create an approval; raises ConflictError where its name is taken."""
        return await self.call("create approval", "POST", approval_path(namespace), approval, within=within)

    async def approvals_table(self, page: str, *, within: float) -> dict[str, Any]:
        """Return a page of all approvals as printer columns and metadata, without their bodies; `page` is its token.

        Without a resourceVersion: consistent, and answered page by page from the API server's memory. (With
        `resourceVersion=0` it would ignore the limit.)
        """
        token = f"&continue={quote(page, safe='')}" if page else ""
        path = f"/apis/{API_VERSION}/{PLURAL}?limit={_PAGE}&includeObject=Metadata{token}"
        return await self.call("list approvals", "GET", path, within=within, accept=_TABLE)

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
        answer = await self.call("access review", "POST", path, review, within=within)
        status = answer.get("status")
        return isinstance(status, dict) and status.get("allowed") is True and status.get("denied", False) is False

    async def stored_in(self, plural: str, group: str, *, within: float) -> StoredIn | None:
        """Return how a custom resource is stored, None where the resource is none. Cached for 2 s."""
        name = f"{plural}.{group}"
        stored, read_at = self._stored_in.get(name, (None, -_CRD_SECONDS))
        if time.monotonic() - read_at < _CRD_SECONDS:
            return stored
        sent_at = time.monotonic()
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{quote(name, safe='')}"
        crd = await self.find("get crd", path, name, within=within)
        stored = None if crd is None else read_stored_in(crd)
        if crd is not None and stored is None:
            raise OddAnswerError("get crd", "it names no storage version")
        self._stored_in[name] = (stored, sent_at)
        return stored

    async def namespace_labels(self, namespace: str, *, within: float) -> dict[str, str]:
        """Return a namespace's labels as they are stored now."""
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}"
        metadata = (await self.call("get namespace", "GET", path, within=within)).get("metadata")
        if not isinstance(metadata, dict) or metadata.get("name") != namespace:
            raise OddAnswerError("get namespace", "it is another object")
        labels = metadata.get("labels") or {}
        if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
            raise OddAnswerError("get namespace", "it has no labels that can be read")
        return labels

    async def cluster_uid(self, *, within: float) -> str:
        """Return the uid of the kube-system namespace."""
        namespace = await self.call("get cluster", "GET", "/api/v1/namespaces/kube-system", within=within)
        metadata = namespace.get("metadata")
        uid = metadata.get("uid") if isinstance(metadata, dict) else None
        if not isinstance(uid, str) or not uid:
            raise OddAnswerError("get cluster", "the namespace kube-system has no uid")
        return uid
