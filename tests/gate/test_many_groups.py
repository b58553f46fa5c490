"""Sixty-four agents of any names, callers in a thousand groups: literal matches, within the budget (C031, C032)."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.policies import group, policy
from tests.gate.asking import Place, asked, grant
from tests.gate.policies import LINES
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
ODD = ['quo"te', "apo'strophe", "back\\slash", "new\\nline", "ümläut", "$(x) && false", "a, b"]
MOST = 64
TEAMS = [f"agents-of-team-{number}" for number in range(MOST - LINES - len(ODD))]
CROWD = [f"group-{number}" for number in range(1000)]


@pytest.fixture(scope="module", autouse=True)
def many(gated: Gated) -> Iterator[None]:
    """As many agents as there can be, those of the other policies included."""
    with gated.under(policy("many", [group(name) for name in (*ODD, *TEAMS)])):
        yield


def allowed(place: Place, user: str, groups: list[str]) -> str:
    place.cp.identity(user, groups)
    grant(place, "User", user, "cluster-admin")
    return user


def test_a_person_in_a_thousand_groups(place: Place) -> None:
    user = allowed(place, "crowd", CROWD)
    assert place.create("configmaps", config_map(), as_=user)[0] == 201


def test_an_agent_in_a_thousand_groups(place: Place) -> None:
    user = allowed(place, "crowd-agent", [*CROWD, TEAMS[-1]])
    waiting = asked(place.ask(as_=user))
    assert len(place.approval(waiting)["spec"]["requester"]["groups"]) == len(CROWD) + 2
    place.approve(waiting)
    assert place.ask(as_=user)[0] == 201


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_matched_literally(place: Place, name: str) -> None:
    user = allowed(place, "odd", [name])
    assert asked(place.ask(as_=user)).reason == "ApprovalRequired"


@pytest.mark.parametrize("name", ["quote", "back", "new\nline", "umlaut", "a", "agents-of-team-", "AGENTS", "agents "])
def test_what_only_resembles_a_name_is_a_person(place: Place, name: str) -> None:
    user = allowed(place, "resembling", [name])
    assert place.ask(as_=user)[0] == 201


def test_one_more_agent_is_refused(place: Place) -> None:
    status, answer = place.cp.raw("POST", POLICIES, policy("too-many", [group("one-more")]))
    assert (status, f"would name {MOST + 1} agents, and {MOST} is the most" in answer["message"]) == (403, True)
