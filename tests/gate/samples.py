"""One object of each kind, small, and a change to each that its own rules allow."""

import copy
import json
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


def to_json(document: Object) -> str:
    """Return JSON, which kubectl reads as YAML."""
    return json.dumps(document)


def crd(plural: str, kind: str, versions: list[Object]) -> Object:
    """Return a definition of a namespaced kind of example.org."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
            "versions": versions,
        },
    }


def version(name: str, spec: Object, *, storage: bool) -> Object:
    """Return a version of a kind, with status and scale; `spec` is the schema of its spec's properties."""
    properties = {"spec": {"type": "object", "properties": spec}, "status": {"type": "object", "properties": {}}}
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    properties["status"]["properties"] = {"replicas": {"type": "integer"}}
    return {
        "name": name,
        "served": True,
        "storage": storage,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
        "subresources": {"status": {}, "scale": scale},
    }


_TEXTS = {"type": "array", "items": {"type": "string"}}
_SPEC: Object = {
    "size": {"type": "integer"},
    "replicas": {"type": "integer", "default": 1},
    "color": {"type": "string", "default": "grey"},
    "tags": _TEXTS,
}
WIDGETS = crd("widgets", "Widget", [version("v1", _SPEC, storage=True)])
# v1 does not know `color`: what is written through it may lose one, and no review shows that.
GADGETS = crd(
    "gadgets",
    "Gadget",
    [version("v1", {"size": {"type": "integer"}}, storage=False), version("v2", _SPEC, storage=True)],
)
DEFINITIONS = (WIDGETS, GADGETS)


@dataclass(frozen=True)
class Kind:
    """A kind with a sample named `web`; `path` and `value` are one change to it, `other` is where somebody else writes."""

    plural: str
    sample: Object
    path: tuple[str | int, ...]
    value: Any
    scalable: bool = False

    def named(self, name: str) -> Object:
        """Return the sample under another name."""
        return {**self.sample, "metadata": {**self.sample["metadata"], "name": name}}

    def generated(self) -> Object:
        """Return the sample with a generated name."""
        metadata = {key: value for key, value in self.sample["metadata"].items() if key != "name"}
        return {**self.sample, "metadata": {**metadata, "generateName": "web-"}}

    def change(self, document: Object) -> Object:
        """Return a document of this kind with the change made."""
        changed = copy.deepcopy(document)
        target: Any = changed
        for step in self.path[:-1]:
            target = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
        target[self.path[-1]] = self.value
        return changed

    def value_in(self, document: Object) -> Any:
        """Return what stands where the change is made, None where nothing does."""
        value: Any = document
        for step in self.path:
            if isinstance(value, dict) and step not in value:
                return None
            value = value[step]
        return value

    @property
    def json_patch(self) -> list[Object]:
        """Return the change as a JSON patch."""
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return [{"op": "add", "path": pointer, "value": self.value}]

    @property
    def merge_patch(self) -> Object:
        """Return the change as a merge patch: a list on the way is written whole, as it is in the sample."""
        top = self.path[0]
        changed = self.change(self.sample)
        if any(isinstance(step, int) for step in self.path):
            return {str(top): {self.path[1]: changed[str(top)][self.path[1]]}}
        patch: Any = self.value
        for step in reversed(self.path):
            patch = {step: patch}
        return dict(patch)


_POD = {
    "automountServiceAccountToken": True,
    "terminationGracePeriodSeconds": 0,
    "containers": [{"name": "main", "image": "registry.invalid/web:1", "command": ["web"]}],
}


def _object(api_version: str, kind: str, **rest: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "labels": {"app": "web"}}, **rest}


_TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": _POD}
KINDS: dict[str, Kind] = {
    "ConfigMap": Kind(
        "configmaps", _object("v1", "ConfigMap", data={"color": "red", "size": "1"}), ("data", "color"), "blue"
    ),
    "Secret": Kind(
        "secrets", _object("v1", "Secret", data={"color": "cmVk", "size": "MQ=="}), ("data", "color"), "Ymx1ZQ=="
    ),
    "Service": Kind(
        "services",
        _object("v1", "Service", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        ("spec", "selector", "app"),
        "blue",
    ),
    "Service of type NodePort": Kind(
        "services",
        _object("v1", "Service", spec={"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]}),
        ("spec", "selector", "app"),
        "blue",
    ),
    "Pod": Kind("pods", _object("v1", "Pod", spec=_POD), ("spec", "activeDeadlineSeconds"), 3600),
    "Deployment": Kind(
        "deployments",
        _object(
            "apps/v1",
            "Deployment",
            spec={"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": _TEMPLATE},
        ),
        ("spec", "template", "spec", "containers", 0, "image"),
        "registry.invalid/web:2",
        scalable=True,
    ),
    "Job": Kind(
        "jobs",
        _object("batch/v1", "Job", spec={"template": {"spec": {**_POD, "restartPolicy": "Never"}}}),
        ("spec", "parallelism"),
        2,
    ),
    "custom resource": Kind(
        "widgets",
        _object("example.org/v1", "Widget", spec={"size": 1, "tags": ["one"]}),
        ("spec", "size"),
        2,
        scalable=True,
    ),
}


def config_map(name: str = "web", **data: str) -> Object:
    """Return a ConfigMap."""
    return {"metadata": {"name": name}, "data": data or {"color": "red"}}
