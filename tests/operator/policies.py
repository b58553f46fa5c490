"""What the operator says of policies, and whom the registration matches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.operator.test_registration_kept import VALIDATING, read

LOOKS = 'kubeapprove_api_seconds_count{call="get registration"}'
LISTS = 'kubeapprove_api_seconds_count{call="list policies"}'
SLOWLY = 30.0
"""Seconds in which a policy is Enforced, ten of which it waits on purpose."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a policy, as people read it."""

    status: str = ""
    reason: str = ""
    message: str = ""
    generation: int = 0
    since: str = ""


def stored(gated: Gated, name: str) -> dict[str, Any]:
    """Return a policy that must be there."""
    status, answer = gated.control_plane.raw("GET", f"{POLICIES}/{name}")
    assert status == 200, answer
    return answer


def condition(gated: Gated, name: str, kind: str) -> Condition:
    """Return one of its conditions, empty where there is none."""
    for one in stored(gated, name).get("status", {}).get("conditions", []):
        if one["type"] == kind:
            return Condition(
                one["status"], one["reason"], one["message"], one["observedGeneration"], one["lastTransitionTime"]
            )
    return Condition()


def is_enforced(gated: Gated, name: str) -> bool:
    """Whether its status says so of the policy as it is now."""
    found = condition(gated, name, "Enforced")
    return found.status == "True" and found.generation == stored(gated, name)["metadata"]["generation"]


def becomes_enforced(gated: Gated, *names: str) -> None:
    """Wait until all of them are."""
    wait_until(lambda: all(is_enforced(gated, name) for name in names), f"{', '.join(names)} was Enforced", SLOWLY)


def write(gated: Gated, body: Mapping[str, Any]) -> None:
    """Create a policy as a person."""
    status, answer = gated.control_plane.raw("POST", POLICIES, dict(body))
    assert status == 201, answer


def delete(gated: Gated, *names: str) -> None:
    """Delete policies as a person."""
    for name in names:
        status, answer = gated.control_plane.raw("DELETE", f"{POLICIES}/{name}")
        assert status == 200, answer


def expression(gated: Gated) -> str:
    """Return the condition that says whom the registration matches."""
    status, answer = read(gated, VALIDATING)
    assert status == 200, answer
    found: str = answer["webhooks"][0]["matchConditions"][0]["expression"]
    return found


def news(gated: Gated, reason: str) -> list[str]:
    """Return the Events about the registration of one reason."""
    items = gated.control_plane.raw("GET", "/apis/events.k8s.io/v1/namespaces/default/events")[1]["items"]
    return [item["note"] for item in items if item["reason"] == reason]


def goes_on(*operators: Operator, metric: str = LOOKS, times: int = 6) -> None:
    """Wait until each operator has looked at the registration a few times more: two reads are one look."""
    before = [operator.metric(metric) for operator in operators]
    wait_until(
        lambda: all(operator.metric(metric) >= seen + times for operator, seen in zip(operators, before, strict=True)),
        "the operator went on working",
    )
