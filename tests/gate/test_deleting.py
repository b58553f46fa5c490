"""A deletion is of one object, by uid, with its options (C012-C014)."""

import pytest

from tests.gate.asking import Place, asked, change_of
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

    def attempt() -> str:
        return asked(place.cp.raw("DELETE", collection, as_="agent")).approval

    seen = {attempt() for _ in range(3)}
    # Objects are deleted side by side and the first refusal is the answer: all three are asked for in the end.
    approvals = {item["metadata"]["name"]: item for item in place.items("manifestapprovals")}
    of_b = next(name for name in approvals if name.startswith("delete-configmaps-b-"))
    assert all(name.partition("/")[2] in approvals for name in seen)
    place.cp.kubectl("get", "ma", "-n", place.namespace)
    place.approve(asked(place.delete("configmaps", "b")))
    assert of_b.startswith("delete-configmaps-b")
    attempt()
    left = {item["metadata"]["name"] for item in place.items("configmaps")} - {"kube-root-ca.crt"}
    assert left >= {"a", "c"}
    assert place.exists("configmaps", "a")


def test_what_terminates_already_is_not_asked_again(place: Place) -> None:
    place.given("configmaps", {"metadata": {"name": "web", "finalizers": ["example.org/hold"]}})
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    before = place.get("configmaps", "web")
    status, answer = place.delete("configmaps", "web")
    assert status in {200, 403}, answer
    assert place.get("configmaps", "web")["metadata"] == before["metadata"]
    assert asked(place.patch("configmaps", "web", {"metadata": {"finalizers": None}})).reason == "ApprovalRequired"
