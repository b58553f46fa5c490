"""What people are shown of a policy: Valid, and Enforced as of a generation; written only where it is not said already."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.policies import PolicyStatus
from kubeapprove.policymirror import MAX_MESSAGE, Enforcement, policy_status, says_enforced
from kubeapprove.resources import format_time
from kubeapprove.ruling import Policy
from tests.policies import scenes

FINE = Policy("p", generation=3)
BROKEN = Policy("p", problem="spec.rules[0].when: no boolean", generation=3)
YES = Enforcement(True, "Registered", "the gate knows it")
NO = Enforcement(False, "NotYet", "in a moment")
LATER = scenes.NOW + timedelta(minutes=1)


def shown(policy: Policy = FINE, enforcement: Enforcement = YES, **status: Any) -> dict[str, Any]:
    patch = policy_status({"status": status}, policy, enforcement, scenes.NOW)
    assert patch is not None
    return patch


def condition(patch: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [one for one in patch["conditions"] if one["type"] == kind]
    assert isinstance(found, dict)
    return found


def test_a_policy_that_is_understood_and_in_force() -> None:
    now = format_time(scenes.NOW)
    assert shown() == {
        "observedGeneration": 3,
        "conditions": [
            {
                "type": "Valid",
                "status": "True",
                "reason": "Valid",
                "message": "it is understood",
                "lastTransitionTime": now,
                "observedGeneration": 3,
            },
            {
                "type": "Enforced",
                "status": "True",
                "reason": "Registered",
                "message": "the gate knows it",
                "lastTransitionTime": now,
                "observedGeneration": 3,
            },
        ],
    }
    assert PolicyStatus.parse(shown()).observed_generation == 3


def test_one_that_is_not_says_why_and_that_it_denies() -> None:
    valid = condition(shown(BROKEN, NO), "Valid")
    assert (valid["status"], valid["reason"]) == ("False", "Invalid")
    assert valid["message"] == "it denies whatever its agents ask: spec.rules[0].when: no boolean"
    enforced = condition(shown(BROKEN, NO), "Enforced")
    assert (enforced["status"], enforced["reason"], enforced["message"]) == ("False", "NotYet", "in a moment")


def test_what_is_said_already_is_not_written_again() -> None:
    status = shown()
    assert policy_status({"status": status}, FINE, YES, LATER) is None


@pytest.mark.parametrize(
    ("policy", "enforcement"),
    [
        (BROKEN, YES),
        (FINE, NO),
        (FINE, Enforcement(True, "Registered", "other words")),
        (Policy("p", generation=4), YES),
    ],
    ids=["invalid now", "not in force now", "other words", "another generation"],
)
def test_what_is_not_is_written(policy: Policy, enforcement: Enforcement) -> None:
    assert policy_status({"status": shown()}, policy, enforcement, LATER) is not None


def test_the_moment_is_the_one_of_the_transition() -> None:
    patch = policy_status({"status": shown()}, Policy("p", generation=4), NO, LATER)
    assert patch is not None
    assert condition(patch, "Valid")["lastTransitionTime"] == format_time(scenes.NOW)
    assert condition(patch, "Valid")["observedGeneration"] == 4
    assert condition(patch, "Enforced")["lastTransitionTime"] == format_time(LATER)


def test_conditions_of_others_stay() -> None:
    others = {"type": "Reviewed", "status": "True"}
    assert shown(conditions=[others])["conditions"][0] == others
    assert [one["type"] for one in shown(conditions=[others, *shown()["conditions"]], more=1)["conditions"]] == [
        "Reviewed",
        "Valid",
        "Enforced",
    ]


@pytest.mark.parametrize("status", [None, [], "x", {"conditions": "x"}, {"conditions": ["x", None]}], ids=str)
def test_an_odd_status_is_taken_for_none(status: Any) -> None:
    assert policy_status({"status": status}, FINE, YES, scenes.NOW) == shown()
    assert not says_enforced({"status": status}, 3)


def test_a_message_can_be_shown_and_stored() -> None:
    message = condition(shown(enforcement=Enforcement(False, "No", "\x1b" + "x" * 5000)), "Enforced")["message"]
    assert message.startswith("\\u001bx")
    assert len(message) == MAX_MESSAGE


def test_enforced_is_said_of_one_generation() -> None:
    raw = {"status": shown()}
    assert says_enforced(raw, 3)
    assert not says_enforced(raw, 4)
    assert not says_enforced({"status": shown(enforcement=NO)}, 3)
    assert not says_enforced({}, 3)
