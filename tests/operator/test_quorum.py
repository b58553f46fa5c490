"""A quorum of two as people see it: Pending until the second decision, with what is still missing in the status."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.policies import GROUP_OF_AGENTS, group, policy
from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal, asked, refusal
from tests.operator import policies
from tests.operator.seen import becomes, events, phase

pytestmark = pytest.mark.cluster
TWO = {"name": "two", "action": "RequireApproval", "approval": {"count": 2}}


@pytest.fixture(autouse=True)
def two_people(gated: Gated) -> Iterator[None]:
    """Have every change of an agent need two people. Agents are matched already: only the webhook has to know it."""
    policies.write(gated, policy("needs-two", [group(GROUP_OF_AGENTS)], [TWO]))
    gated.wait_until_known()
    yield
    policies.delete(gated, "needs-two")
    gated.wait_until_known()


def missing(place: Place, refused: Refusal) -> dict[str, int]:
    """Return how many approvals each policy lacks."""
    return {entry["policy"]: entry["missing"] for entry in place.approval(refused)["status"]["requirements"]}


def test_missing_goes_from_two_to_none(place: Place) -> None:
    refused = asked(place.ask())
    assert missing(place, refused) == {"agents": 1, "needs-two": 2}
    place.approve(refused)
    wait_until(lambda: missing(place, refused) == {"agents": 0, "needs-two": 1}, "the first decision was mirrored")
    assert phase(place, refused) == "Pending"
    assert refusal(place.ask()).reason in {"ApprovalPending", "RequirementUnmet"}
    place.approve(refused, as_="bob")
    becomes(place, refused, "Approved")
    assert missing(place, refused) == {"agents": 0, "needs-two": 0}
    assert events(place, refused)["Approved"].startswith("alice, bob approved it")
    assert place.ask()[0] == 201
    becomes(place, refused, "Consumed")
