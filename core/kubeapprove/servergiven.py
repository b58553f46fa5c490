"""What the API server puts into an object and a retry would get anew: left out of a change, each by its exact path.

Nothing else is left out: never finalizers, ownerReferences, labels, namespace or status.
"""

import copy
from typing import Any

from kubeapprove import lastapplied
from kubeapprove.canonical import same
from kubeapprove.fields import ABSENT
from kubeapprove.ownership import managed_fields, owns
from kubeapprove.request import Operation, Request

# Written by the server at every write, whatever the client sent. (At a creation it keeps a client's generation for
# kinds that have none; who sent another than the server's first one made another change.)
_METADATA = ("managedFields", "resourceVersion", "generation", "selfLink")
_FIRST_GENERATION = 1
# Made by the server at creation. (In the body of an eviction or binding the uid is the client's precondition.)
_METADATA_AT_CREATION = ("uid", "creationTimestamp")
# Allocated for a Service, unless a client asked for a value.
_SERVICE_ADDRESSES = ("clusterIP", "clusterIPs", "healthCheckNodePort")


def created(request: Request) -> dict[str, Any]:
    """Return the object of a CREATE without what the server gave it."""
    raw = request.object or {}
    names = [*_METADATA, *([] if request.subresource else _METADATA_AT_CREATION)]
    if not same(raw.get("metadata", {}).get("generation", _FIRST_GENERATION), _FIRST_GENERATION):
        names.remove("generation")
    obj = _without_metadata(raw, tuple(names))
    if _is(request, "", "persistentvolumes") and type(obj.get("status")) is dict:
        # strategy of PersistentVolume: overwritten with the server's clock whatever a client sends
        obj["status"] = {key: value for key, value in obj["status"].items() if key != "lastPhaseTransitionTime"}
    if _is(request, "", "services"):
        obj = _without_addresses({}, obj, raw)
    if lastapplied.annotation_of(obj) is not ABSENT and lastapplied.truthful_on_create(obj):
        obj = _without_last_applied(obj)
    return obj


def updated(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the old and the new object of an UPDATE without what the server writes at every write."""
    raw_old, raw_new = request.old_object or {}, request.object or {}
    old, new = without_server_metadata(raw_old), without_server_metadata(raw_new)
    if _is(request, "", "services"):
        new = _without_addresses(old, new, raw_new)
    if lastapplied.annotation_of(old) != lastapplied.annotation_of(new) and lastapplied.truthful_on_update(old, new):
        old, new = _without_last_applied(old), _without_last_applied(new)
    return old, new


def without_server_metadata(obj: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the metadata that the server writes at every write."""
    return _without_metadata(obj, _METADATA)


def _is(request: Request, group: str, plural: str) -> bool:
    resource = request.resource
    is_write = request.operation in (Operation.CREATE, Operation.UPDATE)
    return is_write and (resource.group, resource.resource, request.subresource) == (group, plural, "")


def _without_metadata(obj: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    if "metadata" not in obj:
        return obj
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key not in names}}


def _without_last_applied(obj: dict[str, Any]) -> dict[str, Any]:
    """Leave the annotation out, and with it annotations that hold nothing else: without kubectl there would be none."""
    if lastapplied.annotation_of(obj) is ABSENT:
        return obj
    metadata = dict(obj["metadata"])
    rest = {key: value for key, value in metadata.pop("annotations").items() if key != lastapplied.ANNOTATION}
    if rest:
        metadata["annotations"] = rest
    return {**obj, "metadata": metadata}


def _without_addresses(old: dict[str, Any], new: dict[str, Any], raw_new: dict[str, Any]) -> dict[str, Any]:
    """Leave out a Service's addresses and ports that the old object did not hold and that no client owns.

    Without managedFields nobody can tell who set them: they count as the client's.
    """
    entries = managed_fields(raw_new)
    spec, old_spec = new.get("spec"), old.get("spec", {})
    if not entries or type(spec) is not dict or type(old_spec) is not dict:
        return new
    spec = copy.deepcopy(spec)
    for name in _SERVICE_ADDRESSES:
        if name in spec and not old_spec.get(name) and not owns(entries, ("f:spec", "f:" + name)):
            del spec[name]
    held = _node_ports(old_spec)
    for port in spec["ports"] if type(spec.get("ports")) is list else []:
        if type(port) is dict and "nodePort" in port and port["nodePort"] not in held.values():
            key = _port_key(port)
            if key not in held and not owns(entries, ("f:spec", "f:ports", key, "f:nodePort")):
                del port["nodePort"]
    return {**new, "spec": spec}


def _node_ports(spec: dict[str, Any]) -> dict[str, Any]:
    ports = spec.get("ports")
    return {
        _port_key(port): port["nodePort"]
        for port in (ports if type(ports) is list else [])
        if type(port) is dict and port.get("nodePort")
    }


def _port_key(port: dict[str, Any]) -> str:
    """The list-map key of a Service port in managedFields: `k:{"port":80,"protocol":"TCP"}`."""
    return f'k:{{"port":{port.get("port")},"protocol":"{port.get("protocol", "TCP")}"}}'
