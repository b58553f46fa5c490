"""A custom resource changes through its storage version only (C033)."""

import pytest

from tests.gate.asking import Answer, Place, asked, refusal

pytestmark = pytest.mark.cluster


GADGET = {"apiVersion": "example.org/v2", "kind": "Gadget", "metadata": {"name": "web"}, "spec": {"color": "red"}}


def v1(place: Place, name: str = "") -> str:
    return place.path("gadgets", name).replace("/v2/", "/v1/")


def refused(answer: Answer) -> None:
    result = refusal(answer)
    assert result.reason == "StorageVersion"
    assert "use apiVersion: example.org/v2" in result.message


@pytest.mark.parametrize("query", ["", "?dryRun=All"])
def test_another_version(place: Place, query: str) -> None:
    place.given("gadgets", GADGET)
    old = {**GADGET, "apiVersion": "example.org/v1", "metadata": {"name": "other"}, "spec": {"size": 1}}
    refused(place.cp.raw("POST", v1(place) + query, old, as_="agent"))
    refused(place.cp.raw("PATCH", v1(place, "web") + query, {"spec": {"size": 2}}, as_="agent"))
    refused(place.cp.raw("PATCH", v1(place, "web") + query, {"metadata": {"labels": {}}}, as_="agent"))
    refused(place.cp.raw("DELETE", v1(place, "web") + query, as_="agent"))
    assert place.get("gadgets", "web")["spec"]["color"] == "red"
    assert place.items("manifestapprovals") == []


@pytest.mark.parametrize("subresource", ["status", "scale"])
def test_its_subresources(place: Place, subresource: str) -> None:
    place.given("gadgets", GADGET)
    body = {"status": {"replicas": 2}} if subresource == "status" else {"spec": {"replicas": 2}}
    refused(place.cp.raw("PATCH", f"{v1(place, 'web')}/{subresource}", body, as_="agent"))


def test_the_storage_version_can_be_asked_for(place: Place) -> None:
    waiting = asked(place.create("gadgets", GADGET))
    place.approve(waiting)
    assert place.create("gadgets", GADGET)[0] == 201


def test_people_use_any(place: Place) -> None:
    place.given("gadgets", GADGET)
    assert place.cp.raw("PATCH", v1(place, "web"), {"spec": {"size": 2}})[0] == 200
