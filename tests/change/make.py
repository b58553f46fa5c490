"""Requests and changes for the tests: every part has a plain default, a test names what it is about."""

import json
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from kubeapprove.change import Change, build_change
from kubeapprove.hidden import Hiding
from kubeapprove.request import Request, read_request, read_review
from kubeapprove.strictjson import loads

CLUSTER = "7f6a2b9e-0000-4000-8000-000000000001"
HIDING = Hiding(key=b"the key of the tests, 32 bytes..")
ASSETS = Path(__file__).parents[1] / "assets"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
FEW = settings(deadline=None, max_examples=60)

NAMES = st.sampled_from(["name", "a", "b.c", "d/e", "f~g", "é", "e\u0301", "😀", "", "\x01"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 1, 0.0, 1.0, "", "0", 2**53, -(2**53)])
    | st.text(max_size=4)
)
NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("xyz")}, optional={"v": SCALARS}),
    max_size=3,
    unique_by=lambda item: item["name"],
)
VALUES = st.recursive(
    SCALARS | NAMED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | NAMED,
    max_leaves=10,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)


def config_map(**data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": "team"}, "data": data}


def raw_request(operation: str, obj: Any, old: Any, **parts: Any) -> dict[str, Any]:
    group, _, plural = parts.pop("resource", "configmaps").rpartition("/")
    return {
        "uid": "r1",
        "operation": operation,
        "resource": {"group": group, "version": "v1", "resource": plural},
        "namespace": "team",
        "name": "",
        "userInfo": {"username": "agent"},
        "object": obj,
        "oldObject": old,
        **parts,
    }


def change(
    operation: str, obj: Any, old: Any, *, hiding: Hiding = HIDING, cluster: str = CLUSTER, **parts: Any
) -> Change:
    """Build through bytes, as the webhook does."""
    raw = loads(json.dumps(raw_request(operation, obj, old, **parts)).encode())
    return build_change(read_request(raw), cluster=cluster, hiding=hiding)


def create(obj: Any, **parts: Any) -> Change:
    return change("CREATE", obj, None, **parts)


def update(old: Any, new: Any, **parts: Any) -> Change:
    return change("UPDATE", new, old, **parts)


def delete(old: Any, **parts: Any) -> Change:
    return change("DELETE", None, old, **parts)


def connect(obj: Any, **parts: Any) -> Change:
    return change("CONNECT", obj, None, **parts)


def replaced(built: Change) -> dict[str, dict[str, Any]]:
    """Return the `replaced` list by path, so that a test can name one entry."""
    entries = {entry["path"]: entry for entry in built.document["replaced"]}
    assert len(entries) == len(built.document["replaced"]), "two entries for one place"
    return entries


def recorded(name: str) -> Request:
    """Read a recorded request as the webhook reads a review."""
    raw = loads((ASSETS / "reviews" / f"{name}.json").read_bytes())
    return read_review({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": raw})


def recorded_change(name: str) -> Change:
    return build_change(recorded(name), cluster=CLUSTER, hiding=HIDING)


def entry(manager: str, *paths: str, operation: str = "Update", subresource: str = "") -> dict[str, Any]:
    """Return a managedFields entry that owns `paths`, written as `spec/ports/k:{…}`: a step without a kind is a field."""
    tree: dict[str, Any] = {}
    for path in paths:
        below = tree
        for step in path.split("/"):
            below = below.setdefault(step if step == "." or step[1:2] == ":" else f"f:{step}", {})
    return {"manager": manager, "operation": operation, "subresource": subresource, "fieldsV1": tree}


def owned(obj: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "managedFields": list(entries)}}


def annotated(obj: dict[str, Any], **annotations: str) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def applied(obj: dict[str, Any], manifest: Any) -> dict[str, Any]:
    """Return the object as kubectl apply leaves it: with the manifest in its annotation."""
    text = manifest if isinstance(manifest, str) else json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
    return annotated(obj, **{LAST_APPLIED: text})
