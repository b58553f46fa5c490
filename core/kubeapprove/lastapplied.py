"""Whether `kubectl.kubernetes.io/last-applied-configuration` tells the truth about the change it comes with.

kubectl writes what it applied into this annotation, and deletes at the next apply what stands there and is no longer
in the manifest. While it says no more than what the change does, it is left out of the change: create, apply and
server-side apply of one object then are one change. An untruthful one steers what a person's next `kubectl apply`
deletes, so it is part of the change.

A leaf is a path with its value. Maps are descended into; so are lists that hold maps, by unique name where there is
one, else by position; other lists are one value. An empty map asks for a map in its place, and null for nothing there.
"""

from typing import Any

from kubeapprove.canonical import same
from kubeapprove.fields import ABSENT, Step, named_lists
from kubeapprove.strictjson import UnreadableError, loads

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"

LeafPath = tuple[Step | int, ...]
Leaves = dict[bytes, tuple[LeafPath, Any]]


def annotation_of(obj: dict[str, Any]) -> Any:
    """Return the annotation's value, ABSENT where there is none (or where the annotations are no map)."""
    annotations = obj.get("metadata", {}).get("annotations")
    return annotations.get(ANNOTATION, ABSENT) if type(annotations) is dict else ABSENT


def truthful_on_create(obj: dict[str, Any]) -> bool:
    """Whether each leaf of the annotation is in the object that is created with it."""
    leaves = read_leaves(annotation_of(obj))
    return leaves is not None and all(_holds(obj, path, value) for path, value in leaves.values())


def truthful_on_update(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether the annotation changed just as the object did.

    Each leaf that is new in it is set by this change, and each leaf that went from it (all, when the annotation goes)
    is absent from the new object.
    """
    before, after = read_leaves(annotation_of(old)), read_leaves(annotation_of(new))
    if before is None or after is None:
        return False
    came = (leaf for key, leaf in after.items() if key not in before)
    went = (leaf for key, leaf in before.items() if key not in after)
    return all(_holds(new, path, value) and not _holds(old, path, value) for path, value in came) and not any(
        same(_look_up(new, path), value) for path, value in went
    )


def read_leaves(annotation: Any) -> Leaves | None:
    """Return the leaves of the annotation's JSON, none where there is no annotation, None where it cannot be read."""
    leaves: Leaves = {}
    if annotation is ABSENT:
        return leaves
    if type(annotation) is not str:
        return None
    try:
        document = loads(annotation.encode("utf-8"))
    except UnreadableError:
        return None
    if type(document) is not dict:
        return None
    _collect((), document, leaves)
    return leaves


def _collect(path: LeafPath, value: Any, leaves: Leaves) -> None:
    if type(value) is dict and value:
        for key, item in value.items():
            _collect((*path, key), item, leaves)
    elif type(value) is list and any(type(item) is dict for item in value):
        if (names := named_lists(value)) is not None:
            for name, item in names[0].items():
                _collect((*path, {"name": name}), item, leaves)
        else:
            for index, item in enumerate(value):
                _collect((*path, index), item, leaves)
    else:
        leaves[repr(path).encode() + b"=" + repr((type(value).__name__, value)).encode()] = (path, value)


def _holds(obj: dict[str, Any], path: LeafPath, value: Any) -> bool:
    there = _look_up(obj, path)
    if value is None:
        return there is ABSENT or there is None
    if value == {} and type(value) is dict:
        return type(there) is dict
    return there is not ABSENT and same(there, value)


def _look_up(value: Any, path: LeafPath) -> Any:
    for step in path:
        if type(step) is str:
            value = value.get(step, ABSENT) if type(value) is dict else ABSENT
        elif type(value) is not list:
            return ABSENT
        elif type(step) is int:
            value = value[step] if step < len(value) else ABSENT
        else:
            names = named_lists(value)
            value = names[0].get(step["name"], ABSENT) if names is not None else ABSENT  # type: ignore[index]
        if value is ABSENT:
            return ABSENT
    return value
