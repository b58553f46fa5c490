"""managedFields can be sent for any manager: who owns what is asked for, or a controller's next apply would delete."""

import json
from typing import Any

import pytest

from tests.gate.asking import APPLY_PATCH, Place, asked, change_of, refusal
from tests.gate.samples import KINDS, to_json

pytestmark = pytest.mark.cluster


def entry(manager: str, operation: str, *keys: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"f:data": {".": {}} | {f"f:{key}": {} for key in keys}}
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def owned_by_two(place: Place) -> list[dict[str, Any]]:
    """A person applied a, b and c; a controller applies a."""
    manifest = json.dumps(body(place, a="1", b="2", c="3"))
    place.cp.kubectl("apply", "-f", "-", input=manifest)
    apply_as(place, "kustomize-controller", a="1")
    found = place.get("configmaps", "m")["metadata"]["managedFields"]
    return [*found]


def body(place: Place, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "m", "namespace": place.namespace},
        "data": data,
    }


def apply_as(place: Place, manager: str, who: str = "admin", **data: str) -> tuple[int, dict[str, Any]]:
    path = f"{place.path('configmaps', 'm')}?fieldManager={manager}&force=true"
    return place.cp.raw("PATCH", path, body(place, **data), as_=who, headers=APPLY_PATCH)


def test_a_controllers_entry_cannot_be_made_to_say_more(place: Place) -> None:
    """Its next apply would remove what it never applied."""
    found = owned_by_two(place)
    forged = [
        entry("kustomize-controller", "Apply", "a", "b", "c"),
        *(item for item in found if item["manager"] == "kubectl-client-side-apply"),
    ]
    forged[1] = {**forged[1], "fieldsV1": {**forged[1]["fieldsV1"], "f:data": {".": {}, "f:a": {}}}}
    path = f"{place.path('configmaps', 'm')}?fieldManager=kustomize-controller"
    asked(place.cp.raw("PATCH", path, {"metadata": {"managedFields": forged}}, as_="agent"))
    assert apply_as(place, "kustomize-controller", a="1")[0] == 200
    assert place.get("configmaps", "m")["data"] == {"a": "1", "b": "2", "c": "3"}


def test_equal_values_cannot_be_owned_for_nothing(place: Place) -> None:
    """A person's next apply would conflict with the agent, or could not remove the field."""
    owned_by_two(place)
    asked(apply_as(place, "evil", "agent", a="1", b="2"))


def test_a_claim_for_somebody_else_is_asked_for(place: Place) -> None:
    found = owned_by_two(place)
    forged = {"metadata": {"managedFields": [*found, entry("alice", "Apply", "a")]}}
    asked(place.cp.raw("PATCH", place.path("configmaps", "m"), forged, as_="agent"))


def test_a_claim_on_the_kind_is_asked_for(place: Place) -> None:
    """Every later server-side apply of that manager would fail."""
    found = owned_by_two(place)
    kind = {**entry("kubectl", "Apply"), "fieldsV1": {"f:apiVersion": {}}}
    asked(
        place.cp.raw(
            "PATCH", place.path("configmaps", "m"), {"metadata": {"managedFields": [*found, kind]}}, as_="agent"
        )
    )


def test_claims_that_come_with_a_new_object_make_it_another_one(place: Place) -> None:
    plain = body(place, a="1")
    honest = asked(place.create("configmaps", plain))
    forged = {**plain, "metadata": {**plain["metadata"], "managedFields": [entry("kubectl", "Apply", "z")]}}
    assert asked(place.create("configmaps", forged)).hash != honest.hash


def test_another_first_generation_makes_it_another_one(place: Place) -> None:
    plain = body(place, a="1")
    honest = asked(place.create("configmaps", plain))
    other = {**plain, "metadata": {**plain["metadata"], "generation": 77}}
    assert asked(place.create("configmaps", other)).hash != honest.hash


def test_an_annotation_cannot_name_a_parent_that_is_not_there(place: Place) -> None:
    plain = body(place, a="1")
    honest = asked(place.create("configmaps", plain))
    applied = {**plain, "data": {"a": "1", "victim": {"creationTimestamp": None}}}
    annotation = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(applied, separators=(",", ":"))}
    steering = {**plain, "metadata": {**plain["metadata"], "annotations": annotation}}
    assert asked(place.create("configmaps", steering)).hash != honest.hash


def test_an_annotation_cannot_be_padded(place: Place) -> None:
    owned_by_two(place)
    key = "kubectl.kubernetes.io/last-applied-configuration"
    text = place.get("configmaps", "m")["metadata"]["annotations"][key]
    patch = {"metadata": {"annotations": {key: text + " " * 200_000}}}
    assert refusal(place.cp.raw("PATCH", place.path("configmaps", "m"), patch, as_="agent")).reason == "TooLarge"


def scale(replicas: int) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "web"},
        "spec": {"replicas": replicas},
    }


def test_the_number_of_a_scale_cannot_be_taken_unseen(place: Place) -> None:
    """Whoever owns it refuses others' applies; a Scale does not show its owners, so every write of one is asked for."""
    sample = KINDS["Deployment"].sample
    place.kubectl("apply", "--server-side", "-f", "-", input=to_json(sample), as_="admin", check=True)
    path = place.path("deployments", "web", "scale") + "?fieldManager=thief&force=true"
    waiting = asked(place.cp.raw("PATCH", path, scale(1), as_="agent", headers=APPLY_PATCH))
    assert change_of(place.approval(waiting))["fields"] == []
    asked(place.patch("deployments", "web", {"metadata": {"managedFields": [{}]}}, subresource="scale"))
    more = {**sample, "spec": {**sample["spec"], "replicas": 2}}
    place.kubectl("apply", "--server-side", "-f", "-", input=to_json(more), as_="admin", check=True)


def test_the_same_apply_again_is_no_change(place: Place) -> None:
    """Who owns already what it applies gains nothing."""
    place.approve(asked(apply_as(place, "agent", "agent", a="1")))
    assert apply_as(place, "agent", "agent", a="1")[0] == 201
    assert apply_as(place, "agent", "agent", a="1")[0] == 200
