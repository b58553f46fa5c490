"""A deletion is of one object, by uid, with its options; what leads to one is asked for too (C008, C012-C015)."""

import pytest

from tests.gate.asking import Place, Refusal, asked, change_of, refusal
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


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?fieldSelector=metadata.name%3Db", "b"),
        ("?limit=1", "a"),
        ("?labelSelector=x%3Dy&propagationPolicy=Orphan", "a"),
    ],
)
def test_whatever_selects_a_collection(place: Place, query: str, name: str) -> None:
    for each in ("a", "b"):
        place.given("configmaps", {"metadata": {"name": each, "labels": {"x": "y"}}})
    change = change_of(place.approval(asked(place.cp.raw("DELETE", place.path("configmaps") + query, as_="agent"))))
    assert (change["name"], change["options"].get("propagationPolicy")) == (
        name,
        "Orphan" if "Orphan" in query else None,
    )
    assert all(place.exists("configmaps", each) for each in ("a", "b"))


def test_options_in_the_query_are_options(place: Place) -> None:
    place.given("configmaps", config_map())
    path = place.path("configmaps", "web")
    in_query = asked(place.cp.raw("DELETE", path + "?propagationPolicy=Orphan", as_="agent"))
    assert asked(place.delete("configmaps", "web", options={"propagationPolicy": "Orphan"})).hash == in_query.hash
    # A body wins over the query.
    both = place.cp.raw("DELETE", path + "?propagationPolicy=Orphan", {"propagationPolicy": "Background"}, as_="agent")
    assert asked(both).hash != in_query.hash


def test_all_approvals_at_once_are_nobodys_to_delete(place: Place) -> None:
    asked(place.ask())
    assert refusal(place.cp.raw("DELETE", place.path("manifestapprovals"), as_="agent")).reason == "NeverAllowed"
    assert len(place.items("manifestapprovals")) == 1


def test_what_terminates_already_is_not_hurried(place: Place) -> None:
    """To delete it again as it is deleted already is no change; to leave its Pod less time is."""
    pod = {**KINDS["Pod"].sample, "spec": {**KINDS["Pod"].sample["spec"], "nodeName": "n"}}
    place.given("pods", {**pod, "spec": {**pod["spec"], "terminationGracePeriodSeconds": 300}})
    assert place.delete("pods", "web", as_="admin")[0] == 200
    before = place.get("pods", "web")["metadata"]
    for options in (None, {"gracePeriodSeconds": 300}, {"gracePeriodSeconds": 900}):
        assert place.delete("pods", "web", options=options)[0] == 200
    for seconds in (60, 0):
        assert asked(place.delete("pods", "web", options={"gracePeriodSeconds": seconds})).reason == "ApprovalRequired"
    after = place.get("pods", "web")["metadata"]
    assert (after["deletionTimestamp"], after["deletionGracePeriodSeconds"]) == (before["deletionTimestamp"], 300)


def test_an_approved_eviction_is_one_review(place: Place) -> None:
    pod = {**KINDS["Pod"].sample, "spec": {**KINDS["Pod"].sample["spec"], "nodeName": "n"}}
    place.given("pods", {**pod, "spec": {**pod["spec"], "terminationGracePeriodSeconds": 300}})
    path, body = place.path("pods", "web", "eviction"), {"metadata": {"name": "web"}}
    place.approve(asked(place.cp.raw("POST", path, body, as_="agent")))
    before = place.gated.webhook.answers()
    assert place.cp.raw("POST", path, body, as_="agent")[0] == 201
    assert place.gated.webhook.answers() == before + 1
    assert "deletionTimestamp" in place.get("pods", "web")["metadata"]
    assert asked(place.cp.raw("POST", path, body, as_="agent")).reason == "ApprovalRequired"


FOREIGN = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "00000000-0000-4000-8000-000000000000"}]


def test_what_makes_others_delete_it(place: Place) -> None:
    """The garbage collector deletes what has an absent owner; the last finalizer that goes ends a deletion."""
    place.given("configmaps", config_map())
    owner = asked(place.patch("configmaps", "web", {"metadata": {"ownerReferences": FOREIGN}}))
    assert [field["path"] for field in change_of(place.approval(owner))["fields"]] == [["metadata", "ownerReferences"]]
    place.given("configmaps", {"metadata": {"name": "held", "finalizers": ["example.org/hold"]}})
    assert place.delete("configmaps", "held", as_="admin")[0] == 200
    last = asked(place.patch("configmaps", "held", [{"op": "remove", "path": "/metadata/finalizers/0"}]))
    assert [field["path"] for field in change_of(place.approval(last))["fields"]] == [["metadata", "finalizers"]]
    assert place.exists("configmaps", "held")
    place.changed("configmaps", "held", {"metadata": {"finalizers": None}})


def test_what_terminates_already_is_not_asked_again(place: Place) -> None:
    place.given("configmaps", {"metadata": {"name": "web", "finalizers": ["example.org/hold"]}})
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    before = place.get("configmaps", "web")
    status, answer = place.delete("configmaps", "web")
    assert status in {200, 403}, answer
    assert place.get("configmaps", "web")["metadata"] == before["metadata"]
    assert asked(place.patch("configmaps", "web", {"metadata": {"finalizers": None}})).reason == "ApprovalRequired"
