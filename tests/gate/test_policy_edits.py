"""What is required is what policies say when the approval is used, not when it was asked for or decided (C078)."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.policies import group, policy, rule
from tests.gate.asking import Place, Refusal, asked, refusal
from tests.gate.policies import EDITED
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
AGENTS = "edited-agents"
BOB = [{"kind": "User", "name": "bob"}]
NAMES = ("listed", "counted", "denied", "shorter", "broken", "looser", "allowed")
TODAY = policy(
    "edited",
    [group(AGENTS)],
    [
        rule("listed", names=["listed"], approval={"approvers": BOB}),
        rule("counted", names=["counted"], approval={"count": 2}),
        rule("denied", "Deny", names=["denied", "broken"], message="not any more"),
        rule("shorter", names=["shorter"], approval={"useWithin": "1s"}),
        rule("allowed", "Allow", operations=["CREATE"], apiGroups=[""], resources=["configmaps"], names=["allowed"]),
    ],
)
"""Before, every change needed one approval by anybody, `looser` three."""


@pytest.fixture(scope="module")
def edited(shared_place: Place, gated: Gated) -> Iterator[dict[str, Refusal]]:
    """Have each change asked for and approved by alice under the policy of before, then edit the policy."""
    place, agent = shared_place, shared_place.agent(AGENTS)
    place.cp.identity("zoe", ["breakers"])
    waiting = {name: asked(place.create("configmaps", config_map(name), agent)) for name in NAMES}
    for name in ("listed", "counted", "denied", "shorter", "looser"):
        place.approve(waiting[name])
    answer = place.decide(waiting["broken"], as_="zoe", key="zoe", reason="the shop is down", breakGlass=True)
    assert answer[0] == 200, answer
    gated.write(TODAY)
    gated.wait_until_known()
    yield waiting
    gated.write(EDITED)


def attempt(place: Place, name: str) -> tuple[int, str]:
    status, answer = place.create("configmaps", config_map(name), place.agent(AGENTS))
    return status, str(answer.get("reason", ""))


@pytest.mark.usefixtures("edited")
def test_an_approver_taken_off_the_list(shared_place: Place) -> None:
    assert attempt(shared_place, "listed") == (403, "RequirementUnmet")


def test_the_list_as_it_is_now_is_met(shared_place: Place, edited: dict[str, Refusal]) -> None:
    attempt(shared_place, "listed")
    mirrored = shared_place.approval(edited["listed"])["status"]["requirements"]
    assert [(one["rule"], one["approvers"]) for one in mirrored] == [("listed", BOB)]
    shared_place.approve(edited["listed"], as_="bob")
    assert attempt(shared_place, "listed")[0] == 201


def test_one_more_is_asked_for(shared_place: Place, edited: dict[str, Refusal]) -> None:
    assert attempt(shared_place, "counted") == (403, "RequirementUnmet")
    shared_place.approve(edited["counted"], as_="bob")
    assert attempt(shared_place, "counted")[0] == 201


@pytest.mark.parametrize("name", ["denied", "broken"])
@pytest.mark.usefixtures("edited")
def test_denied_after_it_was_approved_or_the_glass_was_broken(shared_place: Place, name: str) -> None:
    refused = refusal(shared_place.create("configmaps", config_map(name), shared_place.agent(AGENTS)))
    assert (refused.reason, "not any more" in refused.message) == ("PolicyDenied", True)


@pytest.mark.usefixtures("edited")
def test_less_time_to_use_it(shared_place: Place) -> None:
    """The edit took longer than the second that is left."""
    assert attempt(shared_place, "shorter") == (403, "ApprovalRequired")


@pytest.mark.parametrize("name", ["looser", "allowed"])
@pytest.mark.usefixtures("edited")
def test_less_is_required(shared_place: Place, name: str) -> None:
    assert attempt(shared_place, name)[0] == 201
