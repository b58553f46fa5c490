"""Admission reviews and decisions, in few words."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from kubeapprove.resources import format_time

Object = dict[str, Any]
_NUMBERS = count(1)
AGENT: Object = {"username": "agent:bot", "uid": "u-bot", "groups": ["agents", "system:authenticated"]}
ALICE: Object = {"username": "alice", "uid": "u-alice", "groups": ["approvers", "system:authenticated"]}


def configmap(data: Object | None = None, *, version: str = "41", **metadata: Any) -> Object:
    """Return a stored ConfigMap `shop/web`."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web", "namespace": "shop", "uid": "cm-uid", "resourceVersion": version} | metadata,
        "data": {"color": "blue"} if data is None else data,
    }


def request(operation: str = "UPDATE", **fields: Any) -> Object:
    """Return the request of an agent that paints ConfigMap `shop/web` green, with other fields as given."""
    body: Object = {
        "uid": f"review-{next(_NUMBERS)}",
        "operation": operation,
        "resource": {"group": "", "version": "v1", "resource": "configmaps"},
        "namespace": "shop",
        "name": "web",
        "userInfo": AGENT,
        "dryRun": False,
        "options": {"fieldManager": "kubectl"},
    }
    if operation != "DELETE":
        body["object"] = configmap({"color": "green"})
    if operation in ("UPDATE", "DELETE"):
        body["oldObject"] = configmap()
    return body | fields


def review(request_: Object) -> Object:
    """Return the AdmissionReview of a request."""
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request_}


def body(request_: Object) -> bytes:
    """Return the bytes of a request's review."""
    return json.dumps(review(request_)).encode()


def decision(approval: Object, who: str = "alice", verdict: str = "Approved", **fields: Any) -> Object:
    """Return a stamped decision on a stored approval, made just now."""
    return {
        "for": approval["metadata"]["uid"],
        "verdict": verdict,
        "reason": "read it",
        "by": {"username": who, "uid": f"u-{who}"},
        "groups": ["approvers", "system:authenticated"],
        "at": format_time(datetime.now(UTC) - timedelta(seconds=1)),
    } | fields


def decided(approval: Object, **decisions: Object) -> Object:
    """Return an approval with these decisions (its stored ones stay)."""
    spec = approval["spec"]
    return approval | {"spec": spec | {"decisions": spec.get("decisions", {}) | decisions}}
