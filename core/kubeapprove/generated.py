"""What the server made up for one try of a CREATE, and copied into the object: a retry gets something else.

Each rule names its exact places, and holds only while the value there is the server's own: a client that puts
anything else there has made another change.
"""

import re
from typing import Any

from kubeapprove.replaced import Marks, Pointer
from kubeapprove.request import Operation, Request

# k8s.io/apiserver/pkg/storage/names: the base is cut, and five characters of this alphabet are appended.
_SUFFIX = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}")
_MAX_BASE = 58

_CONTROLLER_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_JOB_NAME = ("job-name", "batch.kubernetes.io/job-name")
_JOB_LABELS: tuple[Pointer, ...] = (("metadata", "labels"), ("spec", "template", "metadata", "labels"))
_JOB_SELECTOR: Pointer = ("spec", "selector", "matchLabels")
_NAMESPACE_NAME: Pointer = ("metadata", "labels", "kubernetes.io/metadata.name")

_TOKEN_VOLUME = re.compile(r"kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}")
_TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 (a path)
# plugin/pkg/admission/serviceaccount, TokenVolumeSource
_TOKEN_SOURCES = {
    "defaultMode": 420,
    "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ],
}


def has_generated_name(request: Request) -> bool:
    """Whether the server made the name: CREATE, no subresource, generateName, and exactly its form of a suffix.

    A client can choose such a name itself; it then has the same hash, which is documented.
    """
    metadata = (request.object or {}).get("metadata", {})
    base, name = metadata.get("generateName"), metadata.get("name")
    if request.operation is not Operation.CREATE or request.subresource or type(base) is not str or not base:
        return False
    if type(name) is not str or request.name not in ("", name):
        return False
    cut = base[:_MAX_BASE]
    return name.startswith(cut) and _SUFFIX.fullmatch(name[len(cut) :]) is not None


def marks(request: Request, obj: dict[str, Any]) -> Marks:
    """Return the places in the created object that hold a copy: pointer → `uid`, `name` or `token volume`."""
    resource = (request.resource.group, request.resource.resource)
    found: dict[Pointer, str] = {}
    if request.subresource:
        return found
    metadata = (request.object or {}).get("metadata", {})
    if resource == ("batch", "jobs"):
        places = [(*base, key) for base in (*_JOB_LABELS, _JOB_SELECTOR) for key in _CONTROLLER_UID]
        found |= _copies(obj, places, metadata.get("uid"), "uid")
    if has_generated_name(request):
        if resource == ("batch", "jobs"):
            places = [(*base, key) for base in _JOB_LABELS for key in _JOB_NAME]
            found |= _copies(obj, places, metadata["name"], "name")
        if resource == ("", "namespaces"):
            found |= _copies(obj, [_NAMESPACE_NAME], metadata["name"], "name")
    if resource == ("", "pods"):
        found |= _token_volume(obj)
    return found


def _copies(obj: dict[str, Any], places: list[Pointer], value: Any, kind: str) -> dict[Pointer, str]:
    if type(value) is not str or not value:
        return {}
    return {place: kind for place in places if _at(obj, place) == value}


def _at(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        if type(value) is not dict:
            return None
        value = value.get(step)
    return value


def _token_volume(pod: dict[str, Any]) -> dict[Pointer, str]:
    """Only if just one volume has such a name, its content is the admission plugin's, and every mount is too."""
    volumes = _maps(_at(pod, ("spec", "volumes")))
    named = [(index, volume) for index, volume in volumes if _TOKEN_VOLUME.fullmatch(str(volume.get("name")))]
    if len(named) != 1:
        return {}
    index, volume = named[0]
    name = volume["name"]
    if volume != {"name": name, "projected": _TOKEN_SOURCES}:
        return {}
    found: dict[Pointer, str] = {("spec", "volumes", index, "name"): "token volume"}
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for container, body in _maps(_at(pod, ("spec", kind))):
            for mount, content in _maps(body.get("volumeMounts")):
                if content.get("name") != name:
                    continue
                if content != {"name": name, "readOnly": True, "mountPath": _TOKEN_MOUNT}:
                    return {}
                found["spec", kind, container, "volumeMounts", mount, "name"] = "token volume"
            if any(device.get("name") == name for _, device in _maps(body.get("volumeDevices"))):
                return {}
    return found


def _maps(value: Any) -> list[tuple[int, dict[str, Any]]]:
    items = value if type(value) is list else []
    return [(index, item) for index, item in enumerate(items) if type(item) is dict]
