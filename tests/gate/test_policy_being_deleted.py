"""A policy that somebody's finalizer keeps while it is being deleted lets nothing pass, whatever is written into it.

Its finalizers go without us, so that whatever is deleted can always be let go. What it says stays as guarded as ever: a
controller that holds `*` could release its agents before it is gone, or make approvers agents, who never decide.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.policies import group, policy, rule
from tests.gate.asking import AS_WEBHOOK, Place, asked, refusal

pytestmark = pytest.mark.cluster
AGENTS = "leaving-agents"
LEAVING = policy("leaving", [group(AGENTS)])
PATH = f"{POLICIES}/leaving"
EVERYTHING = rule("everything", "Allow", operations=["CREATE"], apiGroups=["*"], resources=["*"])


@pytest.fixture
def leaving(gated: Gated) -> Iterator[None]:
    held = {**LEAVING, "metadata": {"name": "leaving", "finalizers": ["example.org/hold"]}}
    gated.apply(held)
    yield
    gated.control_plane.raw("DELETE", PATH)
    assert gated.control_plane.raw("PATCH", PATH, {"metadata": {"finalizers": None}})[0] in {200, 404}
    gated.follow()


@pytest.mark.usefixtures("leaving")
def test_nothing_passes_by_it(place: Place) -> None:
    agent = place.agent(AGENTS)
    place.approve(asked(place.ask(as_=agent)))
    assert place.cp.raw("DELETE", PATH)[0] == 200
    # However it came in: no hook of ours is asked about this caller.
    assert place.cp.raw("PATCH", PATH, {"spec": {"rules": [EVERYTHING]}}, headers=AS_WEBHOOK)[0] == 200
    place.gated.wait_until_known()
    refused = refusal(place.ask(as_=agent))
    assert (refused.reason, "it is being deleted" in refused.message) == ("PolicyDenied", True)
    assert not place.exists("configmaps", "web")


@pytest.mark.parametrize("spec", [{"rules": [EVERYTHING]}, {"agents": [group("approvers")]}], ids=["rules", "agents"])
@pytest.mark.usefixtures("leaving")
def test_a_controller_writes_nothing_into_it(place: Place, spec: dict[str, Any]) -> None:
    robot = place.robot()
    assert place.cp.raw("DELETE", PATH)[0] == 200
    assert refusal(place.cp.raw("PATCH", PATH, {"spec": spec}, as_=robot)).reason == "NotADecider"
    assert place.cp.raw("GET", PATH)[1]["spec"]["agents"] == LEAVING["spec"]["agents"]


@pytest.mark.usefixtures("leaving")
def test_a_controller_lets_it_go(place: Place) -> None:
    robot = place.robot()
    assert place.cp.raw("DELETE", PATH)[0] == 200
    assert place.cp.raw("PATCH", PATH, {"metadata": {"finalizers": None}}, as_=robot)[0] == 200
    assert place.cp.raw("GET", PATH)[0] == 404
