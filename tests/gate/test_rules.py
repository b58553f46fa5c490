"""What a rule allows passes at once, what it denies is never asked for, and labels of a namespace choose a rule."""

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal
from tests.gate.policies import DEVELOPMENT
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
AGENTS = "ruled-agents"


def test_allowed(place: Place) -> None:
    assert place.create("configmaps", config_map("small"), place.agent(AGENTS))[0] == 201
    assert place.items("manifestapprovals") == []

    def is_recorded() -> bool:
        annotations = [event.get("annotations", {}) for event in place.gated.audit_events(place.namespace)]
        return any(one.get("changes.kubeapprove.io/reason") == "AllowedByPolicy" for one in annotations)

    wait_until(is_recorded, "the API server's audit log told which verdict it was")


def test_no_more_is_allowed_than_the_rule_says(place: Place) -> None:
    agent = place.agent(AGENTS)
    place.given("configmaps", config_map("small"))
    assert asked(place.create("configmaps", config_map("other"), agent)).reason == "ApprovalRequired"
    assert asked(place.patch("configmaps", "small", {"data": {"color": "blue"}}, agent)).reason == "ApprovalRequired"
    assert asked(place.delete("configmaps", "small", agent)).reason == "ApprovalRequired"
    assert len(place.items("manifestapprovals")) == 3


def test_allowed_where_a_condition_holds(place: Place) -> None:
    agent = place.agent(AGENTS)
    assert asked(place.create("configmaps", config_map("green", color="red"), agent)).reason == "ApprovalRequired"
    assert place.create("configmaps", config_map("green", color="green"), agent)[0] == 201


def test_a_condition_that_fails_denies(place: Place) -> None:
    refused = refusal(place.create("configmaps", {"metadata": {"name": "green"}}, place.agent(AGENTS)))
    assert refused.reason == "PolicyDenied"
    assert "policy ruled cannot judge this change and denies it: rule green, when:" in refused.message


NAMESPACES = "/api/v1/namespaces"


def test_allowed_in_a_namespace_and_not_to_the_namespace_itself(place: Place) -> None:
    """A review calls a Namespace object's own name a namespace (C034)."""
    agent, development = place.agent(AGENTS), Place(place.gated, DEVELOPMENT)
    document = {"metadata": {"name": DEVELOPMENT}}
    assert place.cp.raw("POST", NAMESPACES, document)[0] in {201, 409}
    name = place.namespace
    assert development.create("configmaps", config_map(name), agent)[0] == 201
    assert development.delete("configmaps", name, agent)[0] == 200
    assert asked(place.cp.raw("DELETE", f"{NAMESPACES}/{DEVELOPMENT}", as_=agent)).namespace == "kubeapprove-approvals"
    assert asked(place.cp.raw("POST", NAMESPACES, document, as_=agent)).namespace == "kubeapprove-approvals"
    assert asked(place.create("configmaps", config_map(name), agent)).reason == "ApprovalRequired"
    assert place.cp.raw("GET", f"{NAMESPACES}/{DEVELOPMENT}")[1]["status"]["phase"] == "Active"


def test_denied(place: Place) -> None:
    refused = refusal(place.create("secrets", {"metadata": {"name": "web"}}, place.agent(AGENTS)))
    assert (refused.reason, refused.approval) == ("PolicyDenied", "")
    assert "denied by policy ruled, rule no-secrets: Secrets are made by people" in refused.message
    assert place.items("manifestapprovals") == []
    assert not place.exists("secrets", "web")


def labelled(place: Place, env: str | None) -> None:
    body = {"metadata": {"labels": {"env": env}}}
    assert place.cp.raw("PATCH", f"/api/v1/namespaces/{place.namespace}", body)[0] == 200


def test_where_the_namespace_has_the_label(place: Place) -> None:
    labelled(place, "production")
    agent = place.agent(AGENTS)
    waiting = asked(place.ask(as_=agent))
    place.approve(waiting)
    refused = refusal(place.ask(as_=agent))
    assert (refused.reason, "by group leads (policy ruled, rule production)" in refused.message) == (
        "RequirementUnmet",
        True,
    )
    lead = f"lead-{place.namespace}"
    place.cp.identity(lead, ["leads"])
    place.approve(waiting, as_=lead)
    assert place.ask(as_=agent)[0] == 201


def test_the_label_as_it_is_when_the_approval_is_used(place: Place) -> None:
    agent = place.agent(AGENTS)
    place.approve(asked(place.ask(as_=agent)))
    labelled(place, "production")
    assert refusal(place.ask(as_=agent)).reason == "RequirementUnmet"
    labelled(place, None)
    assert place.ask(as_=agent)[0] == 201
