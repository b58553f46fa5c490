"""One admission request, read once and strictly.

Source: admission.k8s.io/v1 AdmissionRequest. Admitted objects stay raw dicts: a typed model would drop or default
fields, and so change what is hashed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kubeapprove.identity import UserInfo, read_user_info
from kubeapprove.strictjson import UnreadableError

REVIEW_API_VERSION = "admission.k8s.io/v1"
MAX_NAME = 253
"""Characters of a name, as of every object that the API server stores (a DNS subdomain)."""


class Operation(StrEnum):
    """The four operations that admission knows."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


@dataclass(frozen=True, slots=True)
class Resource:
    """Group, version and plural of what the request is about (the version as it was matched)."""

    group: str
    version: str
    resource: str

    def as_dict(self) -> dict[str, str]:
        """As it stands in a change."""
        return {"group": self.group, "version": self.version, "resource": self.resource}


@dataclass(frozen=True, slots=True)
class Request:
    """What one admission request would do. `name` may be empty (generated names, collections); objects are raw."""

    uid: str
    operation: Operation
    resource: Resource
    subresource: str
    namespace: str
    name: str
    user: UserInfo
    dry_run: bool
    object: dict[str, Any] | None
    old_object: dict[str, Any] | None
    options: dict[str, Any]
    requested_version: str

    @property
    def field_manager(self) -> str:
        """The manager that the caller chose for this request; empty where it named none."""
        manager = self.options.get("fieldManager", "")
        return manager if type(manager) is str else ""


def read_review(review: Any) -> Request:
    """Read an AdmissionReview of v1; raises UnreadableError where anything that a verdict needs is missing or odd."""
    if type(review) is not dict or review.get("apiVersion") != REVIEW_API_VERSION:
        raise UnreadableError(f"the review is not an AdmissionReview of {REVIEW_API_VERSION}")
    return read_request(review.get("request"))


def read_request(raw: Any) -> Request:
    """Read the `request` of a review (shape: AdmissionRequest); raises UnreadableError."""
    if type(raw) is not dict:
        raise UnreadableError("the review holds no request")
    try:
        operation = Operation(_text(raw, "operation"))
    except ValueError:
        raise UnreadableError("the request's operation is unknown") from None
    resource = _map(raw, "resource")
    requested = raw.get("requestResource") or resource
    if resource is None or type(requested) is not dict:
        raise UnreadableError("the request names no resource")
    dry_run = raw.get("dryRun", False)
    if type(dry_run) is not bool and dry_run is not None:
        raise UnreadableError("dryRun is not a boolean")
    if max(len(_text(raw, "name")), len(_text(raw, "namespace"))) > MAX_NAME:
        # A CONNECT may carry any text there, and an approval would show it in every list.
        raise UnreadableError(f"the object's name is longer than {MAX_NAME} characters")
    uid, plural = _text(raw, "uid"), _text(resource, "resource")
    if not uid or not plural:
        raise UnreadableError("the request has no uid or names no resource")
    request = Request(
        uid=uid,
        operation=operation,
        resource=Resource(_text(resource, "group"), _text(resource, "version"), plural),
        subresource=_text(raw, "subResource"),
        namespace=_text(raw, "namespace"),
        name=_text(raw, "name"),
        user=read_user_info(raw.get("userInfo")),
        dry_run=bool(dry_run),
        object=_map(raw, "object"),
        old_object=_map(raw, "oldObject"),
        options=_map(raw, "options") or {},
        requested_version=_text(requested, "version"),
    )
    _require_objects(request)
    return request


def _require_objects(request: Request) -> None:
    """Each operation carries the objects that its change is made from; their metadata is an object where it exists."""
    need_new = request.operation is not Operation.DELETE
    need_old = request.operation in (Operation.UPDATE, Operation.DELETE)
    if (need_new and request.object is None) or (need_old and request.old_object is None):
        raise UnreadableError(f"a {request.operation} without the objects it is about")
    for body in (request.object, request.old_object):
        if body is not None and type(body.get("metadata", {})) is not dict:
            raise UnreadableError("an object's metadata is not an object")


def _text(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key, "")
    if type(value) is not str:
        raise UnreadableError(f"{key} is not a string")
    return value


def _map(raw: dict[str, Any], key: str) -> dict[str, Any] | None:
    value = raw.get(key)
    if value is not None and type(value) is not dict:
        raise UnreadableError(f"{key} is not an object")
    return value
