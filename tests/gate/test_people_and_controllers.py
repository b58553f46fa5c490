"""People and controllers are never asked, and nothing of theirs reaches the gate (C026, C057, C058)."""

import json
from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import WEBHOOK, Place, asked
from tests.gate.policies import BOTS
from tests.gate.samples import KINDS, config_map

pytestmark = pytest.mark.cluster
PEOPLE = {"admin", "alice", "bob", "carol", "erin"}


def records(place: Place) -> list[dict[str, Any]]:
    lines = place.gated.webhook.log.read_text().splitlines()
    return [document for line in lines if (document := json.loads(line)).get("kind") == "Event"]


def test_a_person_is_unaffected(place: Place) -> None:
    before = place.gated.webhook.answers()
    place.given("configmaps", config_map())
    place.changed("configmaps", "web", {"data": {"color": "blue"}})
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    assert place.gated.webhook.answers() == before


def test_a_person_without_groups_or_extra(place: Place) -> None:
    headers = {"Impersonate-User": "erin"}
    status, answer = place.cp.raw("POST", place.path("configmaps"), config_map(), headers=headers)
    assert (status, "kubeapprove" in answer["message"]) == (403, False)


def test_controllers_act_on_what_was_approved(place: Place) -> None:
    deployment = KINDS["Deployment"].sample
    place.approve(asked(place.create("deployments", deployment)))
    assert place.create("deployments", deployment)[0] == 201
    wait_until(lambda: len(place.items("pods")) == 1, "the controllers had made a Pod")
    place.changed("deployments", "web", {"spec": {"replicas": 3}})
    wait_until(lambda: len(place.items("pods")) == 3, "the controllers had made three Pods")
    place.changed("deployments", "web", {"spec": {"replicas": 0}})
    wait_until(lambda: len(place.items("pods")) == 0, "the controllers had removed all Pods")


def test_only_agents_and_writers_of_approvals_reach_the_gate(place: Place) -> None:
    """Whoever acted in these tests so far: there are agents of many policies, and people and controllers of none."""
    place.approve(asked(place.ask()))
    assert place.ask()[0] == 201
    seen = records(place)
    assert seen
    for record in seen:
        username, groups = record["user"]["username"], record["user"]["groups"]
        if record["annotations"]["kubeapprove.io/webhook"] == "changes":
            assert username not in PEOPLE, record
            assert not username.startswith("system:") or f"system:serviceaccounts:{BOTS}" in groups, record
            if record["objectRef"].get("namespace") == place.namespace:
                assert "agents" in groups, record
        else:
            of = record["objectRef"]
            is_our_definition = record["verb"] == "delete" and of["resource"] == "customresourcedefinitions"
            assert of["apiGroup"] == "kubeapprove.io" or is_our_definition, record
        assert username != WEBHOOK
