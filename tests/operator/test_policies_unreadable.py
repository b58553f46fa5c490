"""Where policies cannot be listed the registration drops nobody, is still repaired, and readiness says why (C064, C091)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.gated.policies import policy
from e2e.waiting import wait_until
from tests.operator import policies
from tests.operator.policies import condition
from tests.operator.test_registration_kept import VALIDATING, is_as_before, read
from tests.operator.test_rights import ROLE

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
REMEDY = "apply the CustomResourceDefinitions and the operator's ClusterRole"


@contextmanager
def without_the_right(gated: Gated) -> Iterator[None]:
    """Have the operator not list policies."""
    rules = gated.control_plane.raw("GET", ROLE)[1]["rules"]
    fewer = [rule for rule in rules if rule["resources"] != ["approvalpolicies"]]
    assert len(fewer) < len(rules)
    assert gated.control_plane.raw("PATCH", ROLE, {"rules": fewer})[0] == 200
    try:
        yield
    finally:
        assert gated.control_plane.raw("PATCH", ROLE, {"rules": rules})[0] == 200


def test_nobody_is_dropped_and_drift_is_repaired(gated: Gated, operator: Operator) -> None:
    policies.write(gated, policy("leaving", [{"kind": "User", "name": "bot-leaving"}]))
    wait_until(lambda: "bot-leaving" in policies.expression(gated), "its agent was matched")
    policies.becomes_enforced(gated, "agents")
    with without_the_right(gated):
        for sentence in ("list policies: the API server answered 403 Forbidden: the registration drops nobody", REMEDY):
            wait_until(lambda: sentence in operator.health_text("/readyz")[1], f"it said: {sentence}")  # noqa: B023
        before = read(gated, VALIDATING)[1]
        policies.delete(gated, "leaving")
        policies.goes_on(operator)
        assert read(gated, VALIDATING)[1] == before
        assert gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
        wait_until(lambda: is_as_before(gated, VALIDATING, before), "it was repaired as it was known last", 5)
        assert "bot-leaving" in policies.expression(gated)
    wait_until(lambda: "bot-leaving" not in policies.expression(gated), "the agent was dropped")
    wait_until(lambda: operator.health("/readyz") == 200, "the operator was ready again")
    wait_until(lambda: not policies.is_enforced(gated, "agents"), "the repair was mirrored")
    waiting = condition(gated, "agents", "Enforced")
    assert (waiting.status, waiting.reason) == ("False", "Waiting"), "it had not been in force"
