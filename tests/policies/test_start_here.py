"""start-here: everything asks for one person; Events pass, but none that could mislead about approvals."""

from typing import Any

import pytest

from kubeapprove.request import Request
from tests.policies import scenes

POLICY = scenes.ready_made("start-here")


def event(operation: str = "CREATE", resource: str = "events", group: str = "", **fields: Any) -> Request:
    """Return a request that writes an Event about a Pod; keywords are its fields, `old` those that differ before."""
    old = fields.pop("old", {})
    body = {"involvedObject": {"kind": "Pod", "name": "web", "namespace": "dev"}, "message": "Killing", "count": 1}
    new = scenes.thing("events", **{**body, **fields})
    before = scenes.thing("events", **{**body, **fields, **old})
    return scenes.request(
        operation,
        resource,
        group=group,
        object=None if operation == "DELETE" else new,
        oldObject=None if operation == "CREATE" else before,
    )


PASSES: dict[str, tuple[str, Request]] = {
    "a new Event": ("new-events", event()),
    "a new Event of the new group": ("new-events", event(group="events.k8s.io", regarding={"kind": "Pod"})),
    "an Event about nothing": ("new-events", event(involvedObject={})),
    "it happened again": ("events-counted-on", event("UPDATE", old={"count": 7})),
    "it happened again, of the new group": (
        "events-counted-on",
        event("UPDATE", group="events.k8s.io", series={"count": 2, "lastObservedTime": "t"}, old={"series": None}),
    ),
}
ASKS: dict[str, Request] = {
    "an Event about an approval": event(involvedObject={"kind": "ManifestApproval", "name": "m"}),
    "an Event about a policy": event(involvedObject={"kind": "ApprovalPolicy", "name": "p"}),
    "an Event about an approval, in small letters": event(involvedObject={"kind": "manifestapproval", "name": "m"}),
    "an Event about an approval, by a letter that Go lowers to i": event(
        involvedObject={"kind": "MAN\u0130FESTAPPROVAL"}
    ),
    "an Event about an approval, with a blank": event(involvedObject={"kind": "ManifestApproval "}),
    "an Event of the new group about a policy, in capitals": event(
        group="events.k8s.io", regarding={"kind": "APPROVALPOLICY"}
    ),
    "an Event of the new group about an approval": event(group="events.k8s.io", regarding={"kind": "ManifestApproval"}),
    "an Event that nothing cleans up": event(metadata={"finalizers": ["example.org/stuck"]}),
    "an Event that belongs to something": event(metadata={"ownerReferences": [{"uid": "x"}]}),
    "another message": event("UPDATE", old={"message": "Pulled"}),
    "another message, and counted on": event("UPDATE", old={"message": "Pulled", "count": 2}),
    "an Event turned to an approval": event(
        "UPDATE", involvedObject={"kind": "ManifestApproval"}, old={"involvedObject": {"kind": "Pod"}}
    ),
    "an Event deleted": event("DELETE"),
    "events of another group": event(group="example.org"),
    "a ConfigMap": scenes.request(),
    "a Secret deleted": scenes.request("DELETE", "secrets"),
    "a Namespace": scenes.request("CREATE", "namespaces"),
    "a ClusterRole": scenes.request("CREATE", "clusterroles"),
    "a command": scenes.request("CONNECT", "pods/exec", object={"command": ["id"]}),
    "an eviction": scenes.request("CREATE", "pods/eviction"),
}


@pytest.mark.parametrize("scenario", PASSES)
def test_passes(scenario: str) -> None:
    rule, request = PASSES[scenario]
    assert scenes.answer(request, POLICY) == f"Allow {rule}"


@pytest.mark.parametrize("scenario", ASKS)
def test_asks(scenario: str) -> None:
    assert scenes.answer(ASKS[scenario], POLICY) == "RequireApproval -"
