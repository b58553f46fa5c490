"""An update through the storage version is refused where an object may be stored in a version that says more."""

from typing import Any

import pytest

from tests.webhook import reviews
from tests.webhook.world import World

WIDGETS = {"group": "shop.example.com", "version": "v2", "resource": "widgets"}
NAME = "widgets.shop.example.com"
Schema = dict[str, Any]


def schema(**spec: Any) -> Schema:
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": spec}}}


def crd(old: Any, new: Any, **spec: Any) -> reviews.Object:
    """Return a CRD whose objects are stored in v2 now and may still be stored in v1."""
    versions = [
        {"name": "v1", "storage": False, "schema": {"openAPIV3Schema": old}},
        {"name": "v2", "storage": True, "schema": {"openAPIV3Schema": new}},
    ]
    status = {"storedVersions": ["v1", "v2"]}
    return {"metadata": {"name": NAME}, "spec": {"versions": versions, **spec}, "status": status}


def widget(operation: str = "UPDATE", **fields: Any) -> reviews.Object:
    return reviews.request(operation, resource=WIDGETS, **fields)


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}
MAP = {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": TEXT}}}
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
NOTHING = {"type": "object"}

LOSES: dict[str, tuple[Any, Schema]] = {
    "a field": (schema(a=TEXT, b=TEXT), schema(a=TEXT)),
    "a field of an item": (schema(a=LIST), schema(a={"type": "array", "items": NOTHING})),
    "all items' fields": (schema(a=LIST), schema(a={"type": "array"})),
    "a field of a value": (schema(a=MAP), schema(a={"type": "object", "additionalProperties": NOTHING})),
    "a map": (schema(a=MAP), schema(a=NOTHING)),
    "what is unknown": (schema(a=FREE), schema(a=NOTHING)),
    "another default": (schema(a=TEXT | {"default": "x"}), schema(a=TEXT | {"default": "y"})),
    "a default that comes": (schema(a=TEXT), schema(a=TEXT | {"default": "y"})),
    "a null": (schema(a=TEXT | {"nullable": True}), schema(a=TEXT)),
    "an object in an object": (schema(a=FREE | {"x-kubernetes-embedded-resource": True}), schema(a=FREE)),
    "everything: no schema any more": (schema(a=TEXT), {}),
    "an unknown amount: no schema then": ({}, schema(a=TEXT)),
    "an unknown amount: an odd schema": ([], schema(a=TEXT)),
}
KEEPS: dict[str, tuple[Schema, Schema]] = {
    "the same": (schema(a=LIST, b=MAP, c=FREE), schema(a=LIST, b=MAP, c=FREE)),
    "more": (schema(a=TEXT), schema(a=TEXT, b=NUMBER)),
    "another description and check": (schema(a=TEXT), schema(a=TEXT | {"description": "x", "maxLength": 3})),
    "whatever it is": (schema(a=schema(b=LIST)), schema(a=FREE)),
    "a map of texts": (
        schema(a={"type": "object", "additionalProperties": True}),
        schema(a={"type": "object", "additionalProperties": True}),
    ),
    "a map of anything": (schema(a=NOTHING), schema(a=MAP)),
}


@pytest.mark.parametrize("scenario", LOSES)
def test_what_loses_something_is_refused_with_the_remedy(world: World, scenario: str) -> None:
    world.server.crds[NAME] = crd(*LOSES[scenario])
    for request in (widget(), widget(object=reviews.configmap()), widget(dryRun=True), widget(subResource="status")):
        reply = world.judge(request)
        assert (reply.allowed, reply.reason) == (False, "StorageVersion")
        assert "may still be stored in version v1" in reply.message
        assert "`status.storedVersions: [v2]`" in reply.message


@pytest.mark.parametrize("operation", ["CREATE", "DELETE"])
def test_what_encodes_nothing_anew_can_be_asked_for(world: World, operation: str) -> None:
    world.server.crds[NAME] = crd(*LOSES["a field"])
    assert world.judge(widget(operation)).reason == "ApprovalRequired"


@pytest.mark.parametrize("scenario", KEEPS)
def test_what_keeps_everything_goes_on(world: World, scenario: str) -> None:
    world.server.crds[NAME] = crd(*KEEPS[scenario], conversion={"strategy": "None"})
    assert world.judge(widget()).reason == "ApprovalRequired"


def test_what_a_conversion_webhook_keeps_nobody_knows(world: World) -> None:
    world.server.crds[NAME] = crd(*KEEPS["the same"], conversion={"strategy": "Webhook"})
    assert world.judge(widget()).reason == "StorageVersion"


@pytest.mark.parametrize("status", [{"storedVersions": ["v2"]}, {"storedVersions": "v1"}, {}, None])
def test_where_nothing_older_is_stored_the_schemas_do_not_matter(world: World, status: Any) -> None:
    world.server.crds[NAME] = crd(*LOSES["a field"]) | {"status": status}
    assert world.judge(widget()).reason == "ApprovalRequired"


def test_a_version_that_is_no_longer_defined(world: World) -> None:
    world.server.crds[NAME] = crd(*KEEPS["the same"]) | {"status": {"storedVersions": ["v0", "v2"]}}
    assert "may still be stored in version v0" in world.judge(widget()).message


HPA = {"group": "autoscaling", "version": "v2", "resource": "horizontalpodautoscalers"}


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE"])
@pytest.mark.parametrize("field", ["resource", "requestResource"])
def test_the_built_in_kind_that_loses_something(world: World, operation: str, field: str) -> None:
    assert world.judge(reviews.request(operation, resource=HPA)).reason == "ApprovalRequired"
    reply = world.judge(reviews.request(operation, resource=HPA) | {field: HPA | {"version": "v1"}})
    assert (reply.allowed, reply.reason) == (False, "StorageVersion")
    assert "use apiVersion: autoscaling/v2" in reply.message
