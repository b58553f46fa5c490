"""What is measured: scenarios, how much of each, and the requests. Pure: nothing here is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

NAMESPACE = "bench"
UNCHANGED_NAMESPACE = "bench-unchanged"
RULED_NAMESPACE = "bench-ruled"
CLIENTS = (1, 8, 32)
CONTAINERS = 7  # 10 KB as stored, with its managedFields; and 10 KB as the change in an approval
OBJECTS = max(CLIENTS)
AGENT, PERSON, ALLOWED, GATED, APPROVER = "agent", "bench-person", "bench-allowed", "bench-gated", "alice"
APPROVALS = f"/apis/kubeapprove.io/v1alpha1/namespaces/{NAMESPACE}/manifestapprovals"
MERGE_PATCH = "application/merge-patch+json"
_PER_SECOND = 200
_MANAGER = "fieldManager=bench"


class Scenario(StrEnum):
    """One kind of request, and who answers for it. The text is its row in the docs."""

    BARE = "create: no webhook at all"
    PERSON = "create: a person"
    ALLOWED = "create: Go webhook that allows everything"
    GATED = "create, approved: Go gate"
    APPROVED = "create, approved: kubeapprove"
    CREATED = "create, refused, approval filed: kubeapprove"
    AGAIN = "create, refused again: kubeapprove"
    UNCHANGED_ALLOWED = "update of nothing: Go webhook that allows everything"
    UNCHANGED = "update of nothing: kubeapprove"
    RULED_ALLOWED = "update of a label: Go webhook that allows everything"
    RULED = "update of a label, allowed by a rule: kubeapprove"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much: seconds of each scenario in each round (at most), rounds, and those of the test for flatness."""

    seconds: float = 1.5
    rounds: int = 6
    flat_rounds: int = 2
    others: int = 5_000

    @property
    def requests(self) -> int:
        """At most this many requests of a scenario in a round: every object is made and removed again."""
        return max(1, round(self.seconds * _PER_SECOND))


@dataclass(frozen=True, slots=True)
class Planned:
    """One request; the fields are those that the load generator reads."""

    method: str
    path: str
    body: str = ""
    type: str = "application/json"


def create(name: str) -> Planned:
    """Return the creation of one object."""
    return Planned("POST", f"{_templates(NAMESPACE)}?{_MANAGER}", _template(name))


def creations(prefix: str, count: int) -> list[Planned]:
    """Return the creation of many, each with a name of its own: to the gate each is another change."""
    return [create(name) for name in names(prefix, count)]


def names(prefix: str, count: int) -> list[str]:
    """Return the names of the objects that `creations` creates; all of one length, so that payloads are equal."""
    return [f"{prefix}-{number:05}" for number in range(count)]


def stored_template(name: str) -> str:
    """Return the path of an object that `create` created."""
    return f"{_templates(NAMESPACE)}/{name}"


def removals(prefix: str, count: int) -> list[Planned]:
    """Return the deletion of what `creations` created."""
    return [Planned("DELETE", stored_template(name)) for name in names(prefix, count)]


def updated_objects(namespace: str) -> list[Planned]:
    """Return the creation of the objects that are updated: one for each client at least."""
    path = f"{_templates(namespace)}?{_MANAGER}"
    return [Planned("POST", path, _template(name)) for name in names("same", OBJECTS)]


def unchanged_updates(count: int) -> list[Planned]:
    """Return PUTs of what is stored already: the API server stores nothing, and still asks its webhooks."""
    path = _templates(UNCHANGED_NAMESPACE)
    puts = [Planned("PUT", f"{path}/{name}?{_MANAGER}", _template(name)) for name in names("same", OBJECTS)]
    return [puts[number % OBJECTS] for number in range(count)]


def label_updates(edition: str, count: int) -> list[Planned]:
    """Return PUTs that change one label each, to what it never was in another `edition`."""
    path, every = _templates(RULED_NAMESPACE), names("same", OBJECTS)
    return [
        Planned("PUT", f"{path}/{name}?{_MANAGER}", _template(name, {"edition": f"{edition}-{number:05}"}))
        for number, name in ((number, every[number % OBJECTS]) for number in range(count))
    ]


def approve(name: str, uid: str) -> Planned:
    """Return a person's approval of one approval."""
    decision = {"for": uid, "verdict": "Approved", "reason": "read it"}
    return _decide(name, decision)


def approve_as_stamped(name: str, uid: str, at: str) -> Planned:
    """Return the same as our stamp would have made it, for who is not stamped: the webhook's own ServiceAccount."""
    stamped = {"by": {"username": APPROVER}, "groups": ["approvers", "system:authenticated"], "at": at}
    return _decide(name, {"for": uid, "verdict": "Approved", "reason": "read it", **stamped})


def remove_approval(name: str) -> Planned:
    """Return the deletion of one approval."""
    return Planned("DELETE", f"{APPROVALS}/{name}")


def background_writes() -> list[Planned]:
    """Return writes that do change something: a ConfigMap of 1 KB, back and forth."""
    path = f"/api/v1/namespaces/{UNCHANGED_NAMESPACE}/configmaps/others"
    return [Planned("PATCH", path, json.dumps({"data": {"text": letter * 1000}}), MERGE_PATCH) for letter in "ab"]


def _decide(name: str, decision: Mapping[str, object]) -> Planned:
    return Planned(
        "PATCH", f"{APPROVALS}/{name}", json.dumps({"spec": {"decisions": {"alice": decision}}}), MERGE_PATCH
    )


def _templates(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/podtemplates"


def _template(name: str, labels: Mapping[str, str] | None = None) -> str:
    whole = _unnamed().replace("NAME", name)
    return (
        whole
        if labels is None
        else whole.replace('"metadata": {', f'"metadata": {{"labels": {json.dumps(labels)}, ', 1)
    )


@cache
def _unnamed() -> str:
    """Return a PodTemplate but for its name: as deep as a Deployment, and no controller acts on it."""
    containers = [_container(number) for number in range(CONTAINERS)]
    document = {"metadata": {"name": "NAME"}, "template": {"spec": {"containers": containers}}}
    return json.dumps({"apiVersion": "v1", "kind": "PodTemplate", **document})


def _container(number: int) -> dict[str, object]:
    return {
        "name": f"c{number}",
        "image": "registry.example/app:1",
        "env": [{"name": f"SETTING_{index}", "value": f"value {index}"} for index in range(8)],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
        "securityContext": {"runAsUser": 1000, "privileged": False},
    }
