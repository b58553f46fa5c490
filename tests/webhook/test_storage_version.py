"""Custom resources change through their storage version only; what cannot be found out is a refusal."""

from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.webhook import apiserver, reviews
from tests.webhook.world import World

WIDGETS = {"group": "shop.example.com", "version": "v1", "resource": "widgets"}
NAME = "widgets.shop.example.com"


def crd(*versions: Any) -> reviews.Object:
    """Return a CRD with these versions."""
    return {"metadata": {"name": NAME}, "spec": {"versions": list(versions)}}


TWO = crd({"name": "v1beta1", "storage": False}, {"name": "v1", "storage": True})
ODD: dict[str, Any] = {
    "no versions": {"spec": {}},
    "no spec": {},
    "spec of another type": {"spec": "x"},
    "no storage version": crd({"name": "v1", "storage": False}),
    "versions of another type": crd("v1", {"storage": True}, {"name": 1, "storage": True}),
}


def widget(**fields: Any) -> reviews.Object:
    """Return an UPDATE of a widget."""
    return reviews.request(resource=WIDGETS, **fields)


def test_storage_version_goes_on(world: World) -> None:
    world.server.crds[NAME] = TWO
    assert world.judge(widget()).reason == "ApprovalRequired"


def test_no_custom_resource_goes_on(world: World) -> None:
    assert world.judge(widget()).reason == "ApprovalRequired"


@pytest.mark.parametrize("field", ["resource", "requestResource"])
def test_another_version_is_refused_with_the_remedy(world: World, field: str) -> None:
    world.server.crds[NAME] = TWO
    reply = world.judge(widget() | {field: WIDGETS | {"version": "v1beta1"}})
    assert (reply.allowed, reply.reason) == (False, "StorageVersion")
    assert "use apiVersion: shop.example.com/v1" in reply.message


def test_not_even_no_change_passes_through_another_version(world: World) -> None:
    world.server.crds[NAME] = TWO
    other = WIDGETS | {"version": "v1beta1"}
    reply = world.judge(widget(object=reviews.configmap(), requestResource=other))
    assert reply.reason == "StorageVersion"


@pytest.mark.parametrize("scenario", ODD)
def test_crd_that_says_nothing_is_a_refusal(world: World, scenario: str) -> None:
    world.server.crds[NAME] = ODD[scenario]
    assert world.judge(widget()).reason == "Unavailable"


@pytest.mark.parametrize(
    "fault",
    [apiserver.fails(500), apiserver.fails(403, "Forbidden"), apiserver.says(b"404 page not found", 404)],
    ids=["500", "403", "404 of a proxy"],
)
def test_error_is_a_refusal_and_is_not_remembered(world: World, fault: apiserver.Fault) -> None:
    world.server.on("get crd", fault)
    assert world.judge(widget(object=reviews.configmap())).reason == "Unavailable"
    assert world.judge(widget(object=reviews.configmap())).reason == "NoChange"


def test_asked_once_for_many_requests(world: World) -> None:
    world.server.crds[NAME] = TWO
    for _ in range(5):
        world.judge(widget(object=reviews.configmap()))
    assert world.server.count("get crd") == 1


def test_asked_again_after_two_seconds(world: World) -> None:
    def was_asked_again() -> bool:
        world.judge(widget(object=reviews.configmap()))
        return world.server.count("get crd") == 2

    wait_until(was_asked_again, "the CRD is read again", 10)


def test_builtin_groups_without_a_dot_are_not_looked_up(world: World) -> None:
    world.judge(reviews.request(resource={"group": "apps", "version": "v1", "resource": "deployments"}))
    assert world.server.count("get crd") == 0
