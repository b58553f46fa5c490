"""A stored policy that cannot be used denies whatever its agents ask and says why; its agents stay agents."""

from typing import Any

import pytest

from kubeapprove.policies import PolicyMode
from kubeapprove.policycheck import hides_agents, read_policy
from kubeapprove.ruling import Policies, Policy
from tests.policies import scenes
from tests.policies.scenes import allows, raw, rule

REQUEST = scenes.request()


def being_deleted(document: dict[str, Any]) -> dict[str, Any]:
    """Return it kept by a finalizer: whatever is written to it then, no webhook is asked about."""
    return {**document, "metadata": {**document["metadata"], "deletionTimestamp": "2026-01-31T09:00:00Z"}}


INVALID: dict[str, dict[str, Any]] = {
    "an unknown field": raw(rule(condition="false")),
    "an unknown field of an agent": raw(agents=[{**scenes.GROUP, "weight": 2}]),
    "an owner that is no text": raw(agents=[{**scenes.GROUP, "owner": 7}]),
    "an end that is no time": raw(agents=[{**scenes.GROUP, "until": "tomorrow"}]),
    "an unknown action": raw(rule(action="Permit")),
    "an unknown mode": raw(mode="Audit"),
    "no CEL": raw(rule(when="change.")),
    "no boolean": raw(rule(when="1 + 1")),
    "nobody may approve": raw(rule("r", "RequireApproval", approval={"approvers": []})),
    "an Allow of everything": raw(rule("r", "Allow")),
    "a rule that is never reached": raw(rule("a"), rule("b")),
    "another version": {**raw(), "apiVersion": "kubeapprove.io/v1"},
    "an agent that nobody may be, beside one": raw(agents=[scenes.GROUP, {"kind": "Group", "name": "system:masters"}]),
    "an agent that cannot be read, beside one": raw(agents=["x", {"kind": "Robot"}, None, scenes.GROUP]),
    "rules that are no list": raw(rules="none"),
    "one that is being deleted": being_deleted(raw(allows())),
}


def invalid(document: dict[str, Any]) -> Policy:
    policy = read_policy(document, scenes.SETTINGS)
    assert policy.problem
    return policy


@pytest.mark.parametrize("scenario", INVALID)
def test_it_denies_and_says_why(scenario: str) -> None:
    policy = invalid(INVALID[scenario])
    found = scenes.ruling(REQUEST, policy)
    assert str(found.action) == "Deny"
    assert found.sentence == f"policy p cannot be used and denies until a person corrects it: {policy.problem}"


@pytest.mark.parametrize("scenario", INVALID)
def test_its_agents_stay_agents(scenario: str) -> None:
    policy = invalid(INVALID[scenario])
    assert Policies([policy]).people.is_agent(scenes.AGENT)
    assert (policy.uid, policy.generation) == ("uid-of-p", 3)


@pytest.mark.parametrize("scenario", INVALID)
def test_also_where_it_says_observe_and_beside_one_that_allows(scenario: str) -> None:
    document = INVALID[scenario]
    observing = {**document, "spec": {"mode": "Observe", **document["spec"]}}
    found = scenes.ruling(REQUEST, invalid(observing), scenes.policy(allows(), name="allows"))
    assert (str(found.action), found.observed) == ("Deny", False)


def test_whatever_its_mode_it_enforces() -> None:
    broken = Policy("p", mode=PolicyMode.OBSERVE, problem="no CEL")
    assert broken.enforces
    assert not Policy("p", mode=PolicyMode.OBSERVE).enforces


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"metadata": None, "spec": None},
        {"metadata": {"name": 7, "uid": [], "generation": "3"}, "spec": {"agents": {}}},
        {"metadata": [], "spec": "spec"},
        raw(agents=[]),
        raw(agents="everybody"),
    ],
    ids=str,
)
def test_nothing_stored_makes_reading_fail(document: dict[str, Any]) -> None:
    policy = read_policy(document, scenes.SETTINGS)
    assert policy.problem
    assert policy.agents == ()
    assert type(policy.name) is str


@pytest.mark.parametrize(
    ("document", "are_hidden"),
    [
        (raw(), False),
        (raw(agents=[{"kind": "Group", "name": "system:masters"}]), False),
        (raw(agents=[{**scenes.GROUP, "weight": 2}]), False),
        (raw(agents=[]), False),
        (raw(agents=[scenes.GROUP, {"kind": "Robot", "name": "x"}]), True),
        (raw(agents=["agents"]), True),
        ({"spec": {"agents": {"0": scenes.GROUP}}}, True),
        ({"spec": {}}, True),
        ({"spec": None}, True),
        ({}, True),
    ],
    ids=str,
)
def test_agents_that_cannot_be_read_are_noticed(document: dict[str, Any], are_hidden: bool) -> None:
    """Then nobody may be taken from the registration because of it."""
    assert hides_agents(document) is are_hidden


def test_a_problem_shows_no_value_and_no_control_character() -> None:
    document = raw(rule("r", **{"evil\x1b[2J\n": "s3cret", "message": "s3cret" * 100}), mode="s3cret")
    problem = invalid(document).problem
    assert "s3cret" not in problem
    assert problem.isprintable()


def test_the_status_is_not_read() -> None:
    document = {**raw(), "status": {"conditions": "whatever"}}
    assert read_policy(document, scenes.SETTINGS).problem == ""
