"""A deletion is of one object, by uid, with its options (C012-C014)."""

import pytest

from tests.gate.asking import Place, Refusal, asked, change_of
from tests.gate.samples import KINDS, config_map

pytestmark = pytest.mark.cluster


def test_binds_uid_and_options(place: Place) -> None:
    stored = place.given("deployments", KINDS["Deployment"].sample)
    orphan = asked(place.delete("deployments", "web", options={"propagationPolicy": "Orphan"}))
    background = asked(place.delete("deployments", "web", options={"propagationPolicy": "Background"}))
    assert orphan.hash != background.hash
    change = change_of(place.approval(background))
    assert (change["uid"], change["options"]["propagationPolicy"]) == (stored["metadata"]["uid"], "Background")
    place.approve(background)
    for other in ({"propagationPolicy": "Orphan"}, {"gracePeriodSeconds": 0}, {"orphanDependents": True}, None):
        assert asked(place.delete("deployments", "web", options=other)).hash != background.hash
    assert place.exists("deployments", "web")
    assert place.delete("deployments", "web", options={"propagationPolicy": "Background"})[0] == 200
    assert not place.exists("deployments", "web")


def test_preconditions_say_nothing_about_what_is_deleted(place: Place) -> None:
    uid = place.given("configmaps", config_map())["metadata"]["uid"]
    first = asked(place.delete("configmaps", "web"))
    assert asked(place.delete("configmaps", "web", options={"preconditions": {"uid": uid}})).hash == first.hash


def test_a_collection_is_as_many_changes_as_objects(place: Place) -> None:
    for name in ("a", "b", "c"):
        place.given("configmaps", {"metadata": {"name": name, "labels": {"x": "y"}}})
    collection = place.path("configmaps") + "?labelSelector=x%3Dy"

    def attempt() -> Refusal:
        return asked(place.cp.raw("DELETE", collection, as_="agent"))

    def left() -> set[str]:
        return {item["metadata"]["name"] for item in place.items("configmaps")} - {"kube-root-ca.crt"}

    # The API server deletes one after the other and ends at the first refusal.
    of_a = attempt()
    assert change_of(place.approval(of_a))["name"] == "a"
    assert attempt().approval == of_a.approval
    assert left() == {"a", "b", "c"}
    place.approve(of_a)
    of_b = attempt()
    assert change_of(place.approval(of_b))["name"] == "b"
    assert left() == {"b", "c"}


def test_an_approval_of_one_deletes_no_other_of_the_collection(place: Place) -> None:
    for name in ("a", "b", "c"):
        place.given("configmaps", {"metadata": {"name": name, "labels": {"x": "y"}}})
    place.approve(asked(place.delete("configmaps", "b")))
    asked(place.cp.raw("DELETE", place.path("configmaps") + "?labelSelector=x%3Dy", as_="agent"))
    assert all(place.exists("configmaps", name) for name in ("a", "c"))


def test_what_terminates_already_is_not_asked_again(place: Place) -> None:
    place.given("configmaps", {"metadata": {"name": "web", "finalizers": ["example.org/hold"]}})
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    before = place.get("configmaps", "web")
    status, answer = place.delete("configmaps", "web")
    assert status in {200, 403}, answer
    assert place.get("configmaps", "web")["metadata"] == before["metadata"]
    assert asked(place.patch("configmaps", "web", {"metadata": {"finalizers": None}})).reason == "ApprovalRequired"
