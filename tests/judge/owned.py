"""managedFields of objects: what each manager owns, and what it loses and gains."""

import copy
import json
from random import Random
from typing import Any

# What the API server takes out of every entry.
NEVER_OWNED = (
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "pair",
    "hidden",
)
# By what the API server tells the items of a list apart.
KEYS = (("port", "protocol"), ("containerPort", "protocol"), ("name",))
MANAGERS = ("kubectl", "kubectl-client-side-apply", "flux", "hpa")


def tree(r: Random, value: Any, share: float) -> dict[str, Any]:
    """Return FieldsV1 of some of the value's fields."""
    found: dict[str, Any] = {}
    for step, below in _steps(r, value):
        if r.random() < share:
            found[step] = tree(r, below, share) if r.random() < 0.9 else {}
    if found and r.random() < 0.4:
        found["."] = {}
    return found


def _steps(r: Random, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"f:{key}", below) for key, below in value.items() if key not in NEVER_OWNED]
    if not isinstance(value, list) or r.random() < 0.3:
        return []
    if all(isinstance(item, dict) for item in value):
        keys = next((keys for keys in KEYS if any(keys[0] in item for item in value)), KEYS[0])
        return [(_key(item, keys), item) for item in value if all(key in item for key in keys)]
    return [(f"v:{json.dumps(item)}", None) for item in value if isinstance(item, str | int)]


def _key(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return "k:" + json.dumps({key: item[key] for key in keys}, separators=(",", ":"))


def entries(r: Random, obj: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a few managers."""
    return [
        {
            "manager": manager,
            "operation": r.choice(["Update", "Apply"]),
            "apiVersion": r.choice(["v1", "v1", "v2"]),
            "fieldsType": "FieldsV1",
            # The root itself is nothing that can be owned: the API server drops that.
            "fieldsV1": {step: below for step, below in tree(r, obj, r.choice([0.3, 0.7, 1])).items() if step != "."},
            **({"subresource": "status"} if r.random() < 0.1 else {}),
        }
        for manager in r.sample(MANAGERS, r.randint(0, 3))
    ]


def moved(r: Random, old: list[dict[str, Any]], obj: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries after an update that gave and took some."""
    result = copy.deepcopy(old)
    for entry in result:
        how = r.random()
        if how < 0.3:
            _prune(r, entry["fieldsV1"])
        elif how < 0.6:
            _graft(entry["fieldsV1"], tree(r, obj, 0.5))
            entry["fieldsV1"].pop(".", None)
        elif how < 0.7:
            entry["apiVersion"] = r.choice(["v1", "v2"])
    if r.random() < 0.3:
        result += entries(r, obj)[:1]
    return result if r.random() < 0.9 else result[1:]


def _prune(r: Random, fields: dict[str, Any]) -> None:
    for step in list(fields):
        if r.random() < 0.2:
            del fields[step]
        else:
            _prune(r, fields[step])


def _graft(fields: dict[str, Any], more: dict[str, Any]) -> None:
    for step, below in more.items():
        _graft(fields.setdefault(step, {}), below)
