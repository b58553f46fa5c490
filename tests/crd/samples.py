"""Approvals as JSON, for the tests of the models and of the CRD's rules."""

from typing import Any

HASH = "sha256:" + "ab" * 32
OTHER_HASH = "sha256:" + "cd" * 32
AT = "2026-01-31T09:00:00.123456Z"


def decision(**fields: Any) -> dict[str, Any]:
    """Return a stamped decision by alice."""
    return {
        "for": "0f9a7c1e-0000-4000-8000-000000000001",
        "verdict": "Approved",
        "reason": "read it",
        "by": {"username": "alice", "uid": "u-1", "extra": {"kubeapprove.io/test": ["one", "two"]}},
        "groups": ["approvers", "system:authenticated"],
        "at": AT,
        **fields,
    }


def revoked(**fields: Any) -> dict[str, Any]:
    """Return a revocation by bob."""
    return {"by": {"username": "bob"}, "at": AT, "reason": "not today", **fields}


def previous(**fields: Any) -> dict[str, Any]:
    """Return what became of an earlier approval of the same name."""
    return {"uid": "u-0", "outcome": "Expired", "by": ["alice"], "at": AT, "reason": "late", **fields}


def owed(**fields: Any) -> dict[str, Any]:
    """Return the glass that alice broke on an earlier approval of the same name."""
    by = {"username": "alice", "uid": "u-1", "extra": {}}
    return {"uid": "u-0", "by": by, "at": AT, "reason": "the site is down", **fields}


def acknowledgement(**fields: Any) -> dict[str, Any]:
    """Return a stamped acknowledgement by bob."""
    return {"by": {"username": "bob", "uid": "u-2", "extra": {}}, "at": AT, "reason": "looked at it", **fields}


def claim(**fields: Any) -> dict[str, Any]:
    """Return the claim of an UPDATE that does not raise the generation."""
    return {"requestUID": "r-1", "at": AT, "objectVersion": "4711", **fields}


def spec(**fields: Any) -> dict[str, Any]:
    """Return the least spec that is complete."""
    return {
        "manifestHash": HASH,
        "change": '{\n  "v": 1\n}',
        "requester": {"username": "agent", "uid": "", "groups": ["agents"], "extra": {"a": ["b"]}},
        "pendingUntil": "2026-02-01T09:00:00.000000Z",
        **fields,
    }


def approval(name: str = "update-configmaps-a", namespace: str = "default", **fields: Any) -> dict[str, Any]:
    """Return an approval with this spec (keyword arguments are fields of the spec) and no status."""
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ManifestApproval",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec(**fields),
    }
