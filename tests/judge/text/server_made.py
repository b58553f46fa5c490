"""Values that the server makes up anew at each try, where it puts them."""

import re
from typing import Any

from tests.judge.text.request import Request
from tests.judge.text.values import get, same

Found = dict[tuple[str | int, ...], str]

UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
TEMPLATE = ("spec", "template", "metadata", "labels")
OWN = ("metadata", "labels")
SELECTOR = ("spec", "selector", "matchLabels")

VOLUME = re.compile(r"kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}")
MOUNT = {"readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
PROJECTED = {
    "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ],
    "defaultMode": 420,
}

RESTARTED_AT = ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def found(request: Request) -> Found:
    """Return what stands in the object of a CREATE: its place and how it is called."""
    obj = request.object
    result: Found = {}
    if request.is_("batch", "jobs"):
        places = [(*labels, key) for labels in (SELECTOR, TEMPLATE, OWN) for key in UID_LABELS]
        result |= _equal(obj, get(obj, ("metadata", "uid")), places, "uid")
    if request.has_generated_name and request.is_("batch", "jobs"):
        result |= _equal(
            obj, request.name, [(*labels, key) for labels in (TEMPLATE, OWN) for key in NAME_LABELS], "name"
        )
    if request.has_generated_name and request.is_("", "namespaces"):
        result |= _equal(obj, request.name, [(*OWN, "kubernetes.io/metadata.name")], "name")
    if request.is_("", "pods"):
        result |= _token_volume(obj)
    return result


def _equal(obj: Any, value: Any, places: list[tuple[str, ...]], kind: str) -> Found:
    return {place: kind for place in places if isinstance(value, str) and get(obj, place) == value}


def _token_volume(pod: Any) -> Found:
    """Only if exactly one matches, its content is the admission plugin's and every mount of it is too."""
    named = [(at, item) for at, item in enumerate(_list(pod, ("spec", "volumes"))) if _matches(item)]
    if len(named) != 1 or not same(named[0][1], {"name": named[0][1]["name"], "projected": PROJECTED}):
        return {}
    at, volume = named[0]
    result: Found = {("spec", "volumes", at, "name"): "token volume"}
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for number, container in enumerate(_list(pod, ("spec", kind))):
            for place, mount in enumerate(_list(container, ("volumeMounts",))):
                if get(mount, ("name",)) != volume["name"]:
                    continue
                if not same(mount, {**MOUNT, "name": volume["name"]}):
                    return {}
                result["spec", kind, number, "volumeMounts", place, "name"] = "token volume"
    return result


def _matches(volume: Any) -> bool:
    name = get(volume, ("name",))
    return isinstance(name, str) and bool(VOLUME.fullmatch(name))


def _list(value: Any, place: tuple[str, ...]) -> list[Any]:
    items = get(value, place)
    return items if isinstance(items, list) else []


def is_restart(field: dict[str, Any]) -> bool:
    """The `to` of `restartedAt` where it is RFC 3339."""
    to = field.get("to")
    return field["path"] == RESTARTED_AT and isinstance(to, str) and bool(RFC_3339.fullmatch(to))
