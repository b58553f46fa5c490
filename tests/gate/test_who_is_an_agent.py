"""An agent is one however it comes: in system:masters, impersonated, by a second login (C052, C056)."""

import pytest

from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


def test_in_system_masters(place: Place) -> None:
    place.cp.identity("root-agent", ["agents", "system:masters"])
    assert asked(place.ask(as_="root-agent")).reason == "ApprovalRequired"


def test_a_person_who_acts_as_an_agent(place: Place) -> None:
    headers = {"Impersonate-User": "agent:bot", "Impersonate-Group": "agents"}
    body = {"metadata": {"name": "web"}, "data": {"color": "red"}}
    as_agent = asked(place.cp.raw("POST", place.path("configmaps"), body, headers=headers))
    assert asked(place.ask()).approval == as_agent.approval


def test_an_agent_with_a_serviceaccounts_token_is_refused_it(place: Place) -> None:
    path = place.path("serviceaccounts", "default", "token")
    assert refusal(place.cp.raw("POST", path, {"spec": {}}, as_="agent")).reason == "NeverAllowed"
