"""What people see of an approval without our CLI."""

from typing import Any
from uuid import uuid4

from e2e.gated.gated import Gated
from e2e.waiting import wait_until
from tests.gate.asking import AS_WEBHOOK, Place, Refusal, approval_path

EVENTS = "/apis/events.k8s.io/v1/namespaces/{namespace}/events"


def a_place(gated: Gated) -> Place:
    """Return a new, empty namespace."""
    name = f"operator-{uuid4().hex[:8]}"
    status, answer = gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert status == 201, answer
    return Place(gated, name)


def born_again(place: Place, refused: Refusal, **spec: Any) -> Refusal:
    """Have the webhook's own identity create the same approval with another spec, as only a defect of ours would."""
    body = place.approval(refused)
    path = approval_path(refused)
    assert place.cp.raw("DELETE", path)[0] == 200
    metadata = {key: body["metadata"][key] for key in ("name", "namespace", "annotations")}
    fresh = {**body, "metadata": metadata, "spec": body["spec"] | spec}
    status, answer = place.cp.raw("POST", path.rpartition("/")[0], fresh, headers=AS_WEBHOOK)
    assert status == 201, answer
    return refused


def phase(place: Place, refused: Refusal) -> str:
    """Return the phase column."""
    return str(place.approval(refused)["status"]["phase"])


def usable(place: Place, refused: Refusal) -> tuple[str, str]:
    """Return status and reason of the condition, empty where there is none."""
    for condition in place.approval(refused)["status"].get("conditions", []):
        if condition["type"] == "Usable":
            return condition["status"], condition["reason"]
    return "", ""


def becomes(place: Place, refused: Refusal, wanted: str) -> dict[str, Any]:
    """Wait until phase and condition say so; return the approval."""
    condition = {"Approved": ("True", "Approved"), "Pending": ("", "")}.get(wanted, ("False", wanted))
    wait_until(
        lambda: phase(place, refused) == wanted and usable(place, refused) == condition,
        f"{refused.approval} was {wanted}",
    )
    return place.approval(refused)


def events(place: Place, refused: Refusal) -> dict[str, str]:
    """Return the Events about this very approval: reason to note."""
    uid = place.approval(refused)["metadata"]["uid"]
    status, answer = place.cp.raw("GET", EVENTS.format(namespace=refused.namespace))
    assert status == 200, answer
    return {item["reason"]: item["note"] for item in answer["items"] if item["regarding"].get("uid") == uid}
