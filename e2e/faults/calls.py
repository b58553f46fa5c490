"""What travels through a proxy: a call, its answer, and the names by which faults find their calls."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
READINESS = "kubeapprove-readiness"
_MARKS = {"claim", "lastPass"}


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request as it arrived; `kind` is what the proxy's namer made of it."""

    kind: str
    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def failure(status: int, reason: str) -> Reply:
    """Return a Status as the API server words its own failures."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status, "reason": reason}
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def kind_of_api_call(method: str, target: str, body: bytes) -> str:
    """Name a call of the webhook to the API server as its own metrics do."""
    path, _, query = target.partition("?")
    if path == ACCESS_REVIEWS:
        return "access review"
    if path.endswith("/approvalpolicies"):
        return "list policies"
    is_list = method == "GET" and path.endswith("/manifestapprovals")
    if "/manifestapprovals" not in path or is_list or path.endswith(READINESS):
        return "other"
    match method:
        case "GET":
            return "get cached approval" if "resourceVersion=0" in query else "get approval"
        case "PATCH":
            return "claim" if _MARKS & json.loads(body)["status"].keys() else "mirror requirements"
        case "POST":
            return "create approval"
        case _:
            return "delete approval"


def kind_of_review(_: str, target: str, _body: bytes) -> str:
    """Name a call of the API server to the webhook by its hook: changes, approvals, stamp."""
    return target.partition("?")[0].rpartition("/")[2]


def kind_of_operator_call(method: str, target: str, _body: bytes) -> str:
    """Name a call of the operator to the API server as its own metrics do."""
    path = target.partition("?")[0]
    if method == "GET" or path.endswith("accessreviews"):
        return "other"
    if "/admissionregistration" in path:
        return "create registration" if method == "POST" else "replace registration"
    if path.endswith("/events"):
        return "create event"
    return "write status" if method == "PATCH" else "delete approval"
