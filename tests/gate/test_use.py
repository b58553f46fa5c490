"""An approval is used once, for the object and value it was given for, while that is provably unstored (C072, C079-C081)."""

from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import FRESH, Answer, Place, asked, grant, refusal

pytestmark = pytest.mark.cluster


BLUE = {"data": {"color": "blue"}}


def web(place: Place) -> dict[str, Any]:
    return place.given("configmaps", {"metadata": {"name": "web"}, "data": {"color": "red", "size": "1"}})


def test_another_field_changed_meanwhile(place: Place) -> None:
    web(place)
    place.approve(asked(place.patch("configmaps", "web", BLUE)))
    place.changed("configmaps", "web", {"data": {"size": "2"}})
    assert place.patch("configmaps", "web", BLUE)[0] == 200
    assert place.get("configmaps", "web")["data"] == {"color": "blue", "size": "2"}


def test_the_same_field_changed_meanwhile(place: Place) -> None:
    web(place)
    first = asked(place.patch("configmaps", "web", BLUE))
    place.approve(first)
    place.changed("configmaps", "web", {"data": {"color": "green"}})
    second = asked(place.patch("configmaps", "web", BLUE))
    assert (second.reason, second.hash == first.hash) == ("ApprovalRequired", False)
    assert place.get("configmaps", "web")["data"]["color"] == "green"


def test_the_object_was_made_anew_meanwhile(place: Place) -> None:
    web(place)
    first = asked(place.patch("configmaps", "web", BLUE))
    place.approve(first)
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    web(place)
    assert asked(place.patch("configmaps", "web", BLUE)).hash != first.hash
    assert place.get("configmaps", "web")["data"]["color"] == "red"


def test_put_back_at_once_and_tried_again(place: Place) -> None:
    web(place)
    first = asked(place.patch("configmaps", "web", BLUE))
    place.approve(first)
    assert place.patch("configmaps", "web", BLUE)[0] == 200
    place.changed("configmaps", "web", {"data": {"color": "red"}})
    again = asked(place.patch("configmaps", "web", BLUE))
    assert (again.reason, again.hash) == ("ApprovalRequired", first.hash)
    assert place.get("configmaps", "web")["data"]["color"] == "red"


def test_put_back_where_a_generation_counts(place: Place) -> None:
    place.given(
        "widgets", {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "web"}, "spec": {"size": 1}}
    )
    bigger = {"spec": {"size": 2}}
    place.approve(asked(place.patch("widgets", "web", bigger)))
    assert place.patch("widgets", "web", bigger)[0] == 200
    place.changed("widgets", "web", {"spec": {"size": 1}})
    assert asked(place.patch("widgets", "web", bigger)).reason == "ApprovalRequired"


def quota(place: Place, hard: dict[str, str]) -> None:
    place.given("resourcequotas", {"metadata": {"name": "limit"}, "spec": {"hard": hard}})
    wait_until(
        lambda: place.get("resourcequotas", "limit").get("status", {}).get("hard") == hard, "the quota was counted"
    )


def node_port(place: Place) -> Answer:
    return place.patch("services", "web", {"spec": {"type": "NodePort"}})


def test_an_update_that_a_quota_refused_after_the_claim(place: Place) -> None:
    place.given("services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    quota(place, {"services.nodeports": "0"})
    waiting = asked(node_port(place))
    place.approve(waiting)
    for _ in range(2):
        status, answer = node_port(place)
        assert (status, "exceeded quota" in answer["message"]) == (403, True), answer
    assert place.approval(waiting)["status"]["phase"] == "Consumed"
    assert place.delete("resourcequotas", "limit", as_="admin")[0] == 200
    wait_until(lambda: node_port(place)[0] == 200, "the API server forgot the quota")
    assert place.get("services", "web")["spec"]["type"] == "NodePort"
    place.changed("services", "web", {"spec": {"type": "ClusterIP"}})
    assert asked(node_port(place)).reason == "ApprovalRequired"


def test_an_update_that_a_quota_refused_and_somebody_touched_the_object(place: Place) -> None:
    place.given("services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    quota(place, {"services.nodeports": "0"})
    place.approve(asked(node_port(place)))
    assert "exceeded quota" in node_port(place)[1]["message"]
    place.changed("services", "web", {"spec": {"selector": {"app": "web"}}})
    assert asked(node_port(place)).reason == "ApprovalRequired"


def test_a_create_that_a_quota_refused_is_asked_again(place: Place) -> None:
    quota(place, {"count/configmaps": "0"})
    first = asked(place.ask())
    place.approve(first)
    assert "exceeded quota" in place.ask()[1]["message"]
    again = asked(place.ask())
    assert again.hash == first.hash
    assert place.approval(again)["spec"]["previous"]["outcome"] == "Consumed"


def test_the_same_command_after_a_spent_approval(place: Place) -> None:
    first = asked(place.ask())
    uid = place.approval(first)["metadata"]["uid"]
    place.approve(first)
    assert place.ask()[0] == 201
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    again = asked(place.ask())
    assert again.approval == first.approval
    document = place.approval(again)
    assert document["spec"]["previous"]["uid"] == uid
    assert document["spec"]["previous"]["by"] == ["alice"]
    assert document["status"] == FRESH
    assert len(place.items("manifestapprovals")) == 1


def test_anothers_approval_is_of_no_use(place: Place) -> None:
    first = asked(place.ask())
    place.approve(first)
    other = asked(place.ask(as_="agent2"))
    assert (other.hash, other.approval == first.approval) == (first.hash, False)
    assert place.ask()[0] == 201


def test_of_no_use_in_another_namespace(place: Place) -> None:
    place.approve(asked(place.ask()))
    elsewhere = Place(place.gated, "default")
    refused = asked(elsewhere.ask())
    assert refused.namespace == "default"
    assert not elsewhere.exists("configmaps", "web")


def test_the_order_of_groups_is_no_matter(place: Place) -> None:
    place.cp.identity("agent:bot", ["agents", "more"])
    grant(place, "User", "agent:bot", "cluster-admin")
    first = asked(place.ask())
    place.approve(first)
    assert place.ask(as_="agent:bot")[0] == 201
    assert refusal(place.ask()).reason == "ApprovalRequired"
