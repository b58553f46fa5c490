"""Deployments and what agents do to them, for the ready-made policies with Allow rules."""

import copy
from typing import Any

from kubeapprove.request import Request
from tests.policies import scenes

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


def workload(replicas: int = 3, **metadata: Any) -> dict[str, Any]:
    """Return a Deployment as it is stored."""
    return scenes.thing(
        "deployments",
        metadata={"labels": {"app": "web", "team": "shop"}, **metadata},
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]},
            },
        },
    )


def after(old: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the object after these changes, each a path of keys and numbers joined by `|`; None removes."""
    new = copy.deepcopy(old)
    for path, value in changes:
        *steps, last = [int(step) if step.isdecimal() else step for step in path.split("|")]
        target: Any = new
        for step in steps:
            target = target[step] if isinstance(step, int) else target.setdefault(step, {})
        if value is None:
            del target[last]
        else:
            target[last] = value
    return new


def update(*changes: tuple[str, Any], resource: str = "deployments", **fields: Any) -> Request:
    """Return the request to change a Deployment, or another kind with the same body."""
    old = fields.pop("old", None) or workload()
    return scenes.request("UPDATE", resource, object=after(old, *changes), oldObject=old, **fields)


def scale(old: int, new: int, *more: tuple[str, Any], resource: str = "deployments", **fields: Any) -> Request:
    """Return the request to write a Scale; a number that is 0 is not there, as the API server writes it."""
    before, then = (scenes.thing(spec={"replicas": n} if n else {}, status={"replicas": old}) for n in (old, new))
    return scenes.request("UPDATE", f"{resource}/scale", object=after(then, *more), oldObject=before, **fields)


def restart(*more: tuple[str, Any], at: str = "2026-01-31T09:00:00Z", **fields: Any) -> Request:
    """Return the request of `kubectl rollout restart`, with more in it."""
    return update((f"spec|template|metadata|annotations|{RESTARTED_AT}", at), *more, **fields)


def owned(manager: str, *paths: str) -> dict[str, Any]:
    """Return an entry of managedFields: this manager applied these keys of the spec."""
    keys: dict[str, Any] = {f"f:{path}": {} for path in paths}
    return {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": keys},
    }
