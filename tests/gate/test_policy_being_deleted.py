"""A policy that somebody's finalizer keeps while it is being deleted lets nothing pass, whatever is written into it.

What is written to an object that is being deleted is shown to no hook of ours, so that a namespace can always be deleted:
a controller that holds `*` could make such a policy say anything.
"""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.policies import group, policy, rule
from tests.gate.asking import Place, asked, refusal

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
    assert gated.control_plane.raw("PATCH", PATH, {"metadata": {"finalizers": None}})[0] == 200
    gated.follow()


@pytest.mark.usefixtures("leaving")
def test_nothing_passes_by_it(place: Place) -> None:
    agent, robot = place.agent(AGENTS), place.robot()
    place.approve(asked(place.ask(as_=agent)))
    assert place.cp.raw("DELETE", PATH)[0] == 200
    assert place.cp.raw("PATCH", PATH, {"spec": {"rules": [EVERYTHING]}}, as_=robot)[0] == 200
    place.gated.wait_until_known()
    refused = refusal(place.ask(as_=agent))
    assert (refused.reason, "it is being deleted" in refused.message) == ("PolicyDenied", True)
    assert not place.exists("configmaps", "web")
