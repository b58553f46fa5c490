"""What people write through stamp and guard: decisions, acknowledgements and policies."""

import base64
import copy
import json
from typing import Any

from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.world import World

POLICIES = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "approvalpolicies"}
APPROVALS = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "manifestapprovals"}


def write(old: Object, new: Object, user: Object = reviews.ALICE, **fields: Any) -> Object:
    """Return the request of a person who writes an approval."""
    metadata = old["metadata"]
    return reviews.request(
        resource=APPROVALS, name=metadata["name"], userInfo=user, oldObject=old, object=new, **fields
    )


def with_decision(approval: Object, verdict: str = "Approved", **fields: Any) -> Object:
    """Return an approval with what `kubectl patch` adds, and nothing stamped yet."""
    entry = {"for": approval["metadata"]["uid"], "verdict": verdict, "reason": "read it"} | fields
    return reviews.decided(copy.deepcopy(approval), alice=entry)


def stamped(world: World, request: Object) -> Object:
    """Let the stamp write into the request's object, as the API server does."""
    reply = world.judge(request, "stamp")
    assert reply.allowed
    new = copy.deepcopy(request["object"])
    if "patch" in reply.response:
        assert reply.response["patchType"] == "JSONPatch"
        for step in json.loads(base64.b64decode(reply.response["patch"])):
            assert step["op"] == "add"
            *way, last = step["path"].strip("/").split("/")
            place = new
            for key in way:
                place = place[key]
            place[last] = step["value"]
    stamped_request: Object = request | {"object": new, "uid": request["uid"] + "-guard"}
    return stamped_request


def acknowledged(approval: Object, who: str = "carol", **fields: Any) -> Object:
    """Return an approval on which somebody acknowledges broken glass, and nothing stamped yet."""
    spec = approval["spec"]
    words = spec.get("acknowledgements", {}) | {who: {"reason": "looked at it"} | fields}
    return approval | {"spec": spec | {"acknowledgements": words}}


def person(name: str, *groups: str) -> Object:
    """Return somebody as the API server authenticates them."""
    return {"username": name, "uid": f"u-{name}", "groups": [*groups, "system:authenticated"]}


def policy_write(operation: str, old: Object | None, new: Object | None, user: Object, **fields: Any) -> Object:
    """Return the request of somebody who writes a policy, or deletes it."""
    metadata = (new or old or {})["metadata"]
    place = {"resource": POLICIES, "namespace": "", "name": metadata["name"]}
    return reviews.request(operation, **place, userInfo=user, oldObject=old, object=new, **fields)
