"""What is left out of a change: by exact path, never by prefix or regular expression."""

import json
from typing import Any

from tests.judge.text import applied
from tests.judge.text.request import Request
from tests.judge.text.values import ABSENT, LAST_APPLIED, Place, get, same, without

ALWAYS: tuple[Place, ...] = tuple(("metadata", key) for key in ("managedFields", "resourceVersion", "selfLink"))
GENERATION: Place = ("metadata", "generation")
TRANSITION: Place = ("status", "lastPhaseTransitionTime")
ADDRESSES = ("clusterIP", "clusterIPs", "healthCheckNodePort")


def created(request: Request) -> Any:
    """Return the object of a CREATE without what is left out."""
    obj = (
        without(request.object, *given_by_the_server({}, request.object))
        if request.is_("", "services")
        else request.object
    )
    places = list(ALWAYS)
    # ADR 1: in the body of a binding `metadata.uid` is the client's precondition on the Pod.
    if not request.subresource:
        places += [("metadata", "uid"), ("metadata", "creationTimestamp")]
    # ADR 1: the server keeps a client's generation for kinds that have none.
    if same(get(obj, GENERATION), 1):
        places.append(GENERATION)
    if request.is_("", "persistentvolumes"):
        places.append(TRANSITION)
    # What the server gave is not what the client said: an annotation that names it does not tell the truth.
    obj = without(obj, *places)
    obj = without_annotation(obj) if applied.is_true_of_new(obj) else obj
    return without(obj, ("metadata", "name")) if request.has_generated_name else obj


def updated(request: Request) -> tuple[Any, Any]:
    """Return old and new object of an UPDATE without what is left out."""
    old, new = request.old, request.object
    if request.is_("", "services"):
        new = without(new, *given_by_the_server(old, new))
    if applied.is_true_of_update(old, new):
        old, new = without_annotation(old), without_annotation(new)
    return without(old, *ALWAYS, GENERATION), without(new, *ALWAYS, GENERATION)


def without_annotation(obj: Any) -> Any:
    """Return the object without the annotation, and without a map that held nothing else."""
    if get(obj, applied.ANNOTATION) is ABSENT:
        return obj
    alone = list(get(obj, applied.ANNOTATIONS)) == [LAST_APPLIED]
    return without(obj, applied.ANNOTATIONS if alone else applied.ANNOTATION)


def given_by_the_server(old: Any, new: Any) -> list[Place]:
    """What a Service was given: only what the old object did not hold and no client set."""
    owners = get(new, ("metadata", "managedFields"))
    # "Without managedFields they count as the client's."
    if not isinstance(owners, list) or not owners:
        return []
    trees = [entry.get("fieldsV1") or {} for entry in owners]
    places: list[Place] = [
        ("spec", key)
        for key in ADDRESSES
        if not _holds(old, key) and not any(_claims(tree, ["f:spec", f"f:{key}"], {}) for tree in trees)
    ]
    held = [port for _, port in _ports(old) if port.get("nodePort")]
    below = ["f:spec", "f:ports", "k:", "f:nodePort"]
    return places + [
        ("spec", "ports", at, "nodePort")
        for at, port in _ports(new)
        if not any(_key(port) == _key(was) or port.get("nodePort") == was["nodePort"] for was in held)
        and not any(_claims(tree, below, port) for tree in trees)
    ]


def _holds(service: Any, key: str) -> bool:
    return get(service, ("spec", key)) not in (ABSENT, None, "", 0, [])


def _claims(tree: dict[str, Any], steps: list[str], port: dict[str, Any]) -> bool:
    """Whether an owner set it or, with nothing below, all of a field that it is in; `.` only says that a field exists."""
    if not steps:
        return True
    return any(
        not below or _claims(below, steps[1:], port)
        for step, below in tree.items()
        if step == steps[0] or (steps[0] == "k:" and step.startswith("k:") and _names(json.loads(step[2:]), port))
    )


def _ports(service: Any) -> list[tuple[int, Any]]:
    ports = get(service, ("spec", "ports"))
    return [(at, port) for at, port in enumerate(ports) if isinstance(port, dict)] if isinstance(ports, list) else []


def _key(port: Any) -> tuple[Any, Any]:
    return port.get("port"), port.get("protocol")


def _names(key: dict[str, Any], port: Any) -> bool:
    return all(port.get(name) == value for name, value in key.items())
