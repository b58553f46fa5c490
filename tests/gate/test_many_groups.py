"""Sixty-four agents of any names, callers in a thousand groups: literal matches, within the budget (C031, C032)."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from tests.gate.asking import Place, asked, grant
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
ODD = ['quo"te', "apo'strophe", "back\\slash", "new\\nline", "ümläut", "$(x) && false", "a, b"]
AGENTS = ["agents", *ODD, *(f"agents-of-team-{number}" for number in range(56))]
CROWD = [f"group-{number}" for number in range(1000)]


@pytest.fixture(scope="module", autouse=True)
def many(gated: Gated) -> Iterator[None]:
    webhook = Webhook(gated.control_plane, gated.control_plane.state / "webhook-many")
    agents = [{"kind": "Group", "name": name} for name in AGENTS]
    with gated.answered_by([webhook], {**gated.settings, "agents": agents}):
        yield


def allowed(place: Place, user: str, groups: list[str]) -> str:
    place.cp.identity(user, groups)
    grant(place, "User", user, "cluster-admin")
    return user


def test_a_person_in_a_thousand_groups(place: Place) -> None:
    user = allowed(place, "crowd", CROWD)
    assert place.create("configmaps", config_map(), as_=user)[0] == 201


def test_an_agent_in_a_thousand_groups(place: Place) -> None:
    user = allowed(place, "crowd-agent", [*CROWD, AGENTS[-1]])
    waiting = asked(place.ask(as_=user))
    assert len(place.approval(waiting)["spec"]["requester"]["groups"]) == len(CROWD) + 2
    place.approve(waiting)
    assert place.ask(as_=user)[0] == 201


@pytest.mark.parametrize("group", ODD)
def test_odd_names_are_matched_literally(place: Place, group: str) -> None:
    user = allowed(place, "odd", [group])
    assert asked(place.ask(as_=user)).reason == "ApprovalRequired"


@pytest.mark.parametrize("group", ["quote", "back", "new\nline", "umlaut", "a", "agents-of-team-", "AGENTS", "agents "])
def test_what_only_resembles_a_name_is_a_person(place: Place, group: str) -> None:
    user = allowed(place, "resembling", [group])
    assert place.ask(as_=user)[0] == 201
