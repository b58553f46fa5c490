"""Approvals as the gate stores them, made from changes; for the tests of the CLI."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from kubeapprove.canonical import digest
from kubeapprove.change import render
from kubeapprove.resources import format_time

UID = "0f9a7c1e-0000-4000-8000-00000000000a"
REQUESTER = {"username": "agent:bot", "uid": "", "groups": ["agents", "system:authenticated"], "extra": {}}
_RESOURCE = {"group": "apps", "version": "v1", "resource": "deployments"}


def change(operation: str, **parts: Any) -> dict[str, Any]:
    """Return a change; keyword arguments are its parts."""
    return {
        "v": 1,
        "cluster": "c0ffee00-0000-4000-8000-000000000000",
        "operation": operation,
        "resource": _RESOURCE,
        "subresource": "",
        "namespace": "shop",
        "name": "web",
        "replaced": [],
        **parts,
    }


def update(*fields: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return an UPDATE of the Deployment `web`."""
    return change("UPDATE", uid="d-1", fields=list(fields), **parts)


def create(obj: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a CREATE."""
    return change("CREATE", **{"object": obj, **parts})


def delete(**parts: Any) -> dict[str, Any]:
    """Return a DELETE of the Deployment `web`."""
    return change("DELETE", **{"uid": "d-1", "options": {}, **parts})


def execute(*command: str, **options: Any) -> dict[str, Any]:
    """Return an exec into the pod `web`."""
    pods = {"group": "", "version": "v1", "resource": "pods"}
    options = {"kind": "PodExecOptions", "apiVersion": "v1", "stdout": True, "command": list(command), **options}
    return change("CONNECT", resource=pods, subresource="exec", options=options)


def decision(verdict: str = "Approved", *, at: datetime, **fields: Any) -> dict[str, Any]:
    """Return a stamped decision by alice."""
    return {
        "for": UID,
        "verdict": verdict,
        "reason": "read it",
        "by": {"username": "alice", "uid": "", "extra": {}},
        "groups": ["approvers"],
        "at": format_time(at),
        **fields,
    }


def requirement(policy: str, rule: str, count: int, group: str = "") -> dict[str, Any]:
    """Return what a policy asks for, as the gate mirrors it: of a group, or of anyone who holds the verb."""
    listed = {"approvers": [{"kind": "Group", "name": group}]} if group else {}
    return {"policy": policy, "rule": rule, "count": count, "missing": count, "useWithin": "1h", **listed}


def owed(*, at: datetime, by: str = "bob", uid: str = "u-0") -> dict[str, Any]:
    """Return broken glass on an earlier approval."""
    return {"uid": uid, "by": {"username": by, "uid": "", "extra": {}}, "at": format_time(at), "reason": "shop is down"}


def approval(
    document: dict[str, Any],
    now: datetime,
    *,
    name: str = "",
    namespace: str = "shop",
    metadata: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """Return an approval asked for five minutes before `now`; keyword arguments are further parts of its spec."""
    manifest_hash = digest(document)
    resource = document["resource"]["resource"]
    suffix = hashlib.sha256(manifest_hash.encode()).hexdigest()[:20]
    asked = now - timedelta(minutes=5)
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ManifestApproval",
        "metadata": {
            "name": name or f"{document['operation'].lower()}-{resource}-{suffix}",
            "namespace": namespace,
            "uid": UID,
            "resourceVersion": "100",
            "creationTimestamp": asked.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **(metadata or {}),
        },
        "spec": {
            "manifestHash": manifest_hash,
            "change": render(document),
            "requester": REQUESTER,
            "pendingUntil": format_time(asked + timedelta(hours=24)),
            **spec,
        },
        **({} if status is None else {"status": status}),
    }
