"""Whether `kubectl.kubernetes.io/last-applied-configuration` tells the truth about the change it comes with.

kubectl writes what it applied into this annotation, and deletes at the next apply what stands there and is no longer
in the manifest. While it says no more than what the change does, it is left out of the change: create, apply and
server-side apply of one object then are one change. An untruthful one steers what a person's next `kubectl apply`
deletes, so it is part of the change.

A leaf is a path with its value. Maps are descended into; so are lists that hold maps, by unique name where there is
one, else by position; other lists are one value. An empty map asks for a map in its place. Null tells the truth only as
the `metadata: {creationTimestamp: null}` that Go clients write for "none", in a metadata that is there: anywhere else
it makes kubectl delete what others put there later.
"""

import json
from typing import Any

from kubeapprove.canonical import same
from kubeapprove.fields import ABSENT, Step, named_lists
from kubeapprove.strictjson import UnreadableError, loads

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"

LeafPath = tuple[Step | int, ...]
_ANNOTATIONS = ("metadata", "annotations")
Leaves = dict[str, tuple[LeafPath, Any]]


def annotation_of(obj: dict[str, Any]) -> Any:
    """Return the annotation's value, ABSENT where there is none (or where the annotations are no map)."""
    annotations = obj.get("metadata", {}).get("annotations")
    return annotations.get(ANNOTATION, ABSENT) if type(annotations) is dict else ABSENT


def truthful_on_create(obj: dict[str, Any]) -> bool:
    """Whether each leaf of the annotation is in the object that is created with it."""
    leaves, values = read_leaves(annotation_of(obj)), _Values(obj)
    return leaves is not None and all(values.hold(*leaf) for leaf in leaves.values())


def truthful_on_update(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether the annotation changed just as the object did.

    Each leaf that is new in it is set by this change. Each leaf that went from it (all, when the annotation goes) is
    absent from the new object: where only its value went, something new in the annotation stands in its place.
    """
    before, after = read_leaves(annotation_of(old)), read_leaves(annotation_of(new))
    if before is None or after is None:
        return False
    came = [leaf for key, leaf in after.items() if key not in before]
    went = [leaf for key, leaf in before.items() if key not in after]
    replacing = {_key(path[:end]) for path, _ in came for end in range(len(path) + 1)}
    then, now = _Values(old), _Values(new)
    return all(now.hold(*leaf) and not then.hold(*leaf) for leaf in came) and all(
        _is_gone(now.everywhere(path), path, value, is_replaced=_key(path) in replacing) for path, value in went
    )


def _is_gone(there: list[Any], path: LeafPath, value: Any, *, is_replaced: bool) -> bool:
    # kubectl itself writes `annotations: {}` for a manifest without any, and never deletes that map.
    if not there or _asks_for_nothing(path, value) or (value == {} and path == _ANNOTATIONS):
        return True
    return is_replaced and not any(same(one, value) for one in there)


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
    if type(document) is not dict or _is_padded(annotation, document):
        return None
    _collect((), document, leaves)
    return leaves


def _is_padded(text: str, document: dict[str, Any]) -> bool:
    """Whether the text is longer than kubectl writes it: padding could fill the room that annotations have.

    kubectl writes compact JSON and a line feed; Go escapes `<`, `>`, `&` and two line separators where Python does not.
    """
    compact = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return len(text) > len(compact) + 5 * sum(map(compact.count, "<>&\u2028\u2029")) + 1


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
        leaves[_key((*path, [value]))] = (path, value)


def _key(path: tuple[Any, ...]) -> str:
    return json.dumps(path, sort_keys=True)


def _asks_for_nothing(path: LeafPath, value: Any) -> bool:
    return value is None and path[-2:] == ("metadata", "creationTimestamp")


class _Values:
    """The values of one object by leaf path. A list's names are read once: time grows with the leaves."""

    def __init__(self, obj: dict[str, Any]) -> None:
        self._obj = obj
        self._names: dict[int, dict[str, Any]] = {}
        self._by_name: dict[int, dict[str, list[Any]]] = {}

    def hold(self, path: LeafPath, value: Any) -> bool:
        """Whether the object does what the leaf asks for."""
        there = self.at(path)
        if _asks_for_nothing(path, value):
            return there in (ABSENT, None) and type(self.at(path[:-1])) is dict
        if value == {}:
            return type(there) is dict
        return there is not ABSENT and same(there, value)

    def at(self, path: LeafPath) -> Any:
        """Return the value at `path`, ABSENT where there is none."""
        value: Any = self._obj
        for step in path:
            value = self._below(value, step)
            if value is ABSENT:
                return ABSENT
        return value

    def everywhere(self, path: LeafPath) -> list[Any]:
        """Return every value at `path`: also in a list that has other items without a name, or two of one name."""
        values = [self._obj]
        for step in path:
            if type(step) is dict:
                values = [item for value in values for item in self._called(value, step["name"])]
            else:
                values = [there for value in values if (there := self._below(value, step)) is not ABSENT]
        return values

    def _called(self, value: Any, name: Any) -> list[Any]:
        if type(value) is not list:
            return []
        if id(value) not in self._by_name:
            items = self._by_name[id(value)] = {}
            for item in value:
                if type(item) is dict and type(item.get("name")) is str:
                    items.setdefault(item["name"], []).append(item)
        return self._by_name[id(value)].get(name, [])

    def _below(self, value: Any, step: Step | int) -> Any:
        if type(step) is str:
            return value.get(step, ABSENT) if type(value) is dict else ABSENT
        if type(value) is not list:
            return ABSENT
        if type(step) is int:
            return value[step] if step < len(value) else ABSENT
        if id(value) not in self._names:
            names = named_lists(value)
            self._names[id(value)] = {} if names is None else names[0]
        return self._names[id(value)].get(step["name"], ABSENT)  # type: ignore[index]
