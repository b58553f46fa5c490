"""A ServiceAccount as agent: one requester whatever its tokens, and the record says which Pod asked (C059)."""

import pytest

from e2e.gated.gated import Gated
from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, asked, refusal
from tests.gate.policies import BOTS
from tests.gate.samples import KINDS

pytestmark = pytest.mark.cluster
USER = f"system:serviceaccount:{BOTS}:robot"


@pytest.fixture(scope="module")
def bots(gated: Gated) -> Place:
    """Return the namespace whose every ServiceAccount is an agent, with one that may do everything."""
    assert gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": BOTS}})[0] in {201, 409}
    gated.control_plane.service_account(BOTS, "robot")
    return Place(gated, BOTS)


def test_a_token_of_a_pod(bots: Place, place: Place) -> None:
    sample = KINDS["Pod"].named(place.namespace)
    bots.given("pods", {**sample, "spec": {**sample["spec"], "serviceAccountName": "robot"}})
    headers = {"Authorization": f"Bearer {bots.cp.pod_bound_token(BOTS, 'robot', place.namespace)}"}
    body = {"metadata": {"name": "web"}, "data": {"color": "red"}}
    unbound = asked(place.ask(as_=USER))
    from_pod = asked(place.cp.raw("POST", place.path("configmaps"), body, as_=USER, headers=headers))
    assert from_pod.approval == unbound.approval
    assert place.delete("manifestapprovals", unbound.name, as_="admin")[0] == 200
    anew = asked(place.cp.raw("POST", place.path("configmaps"), body, as_=USER, headers=headers))
    requester = place.approval(anew)["spec"]["requester"]
    assert requester["username"] == USER
    assert requester["extra"]["authentication.kubernetes.io/pod-name"] == [place.namespace]
    assert "authentication.kubernetes.io/credential-id" in requester["extra"]
    place.approve(anew)
    assert place.ask(as_=USER)[0] == 201


def test_it_never_decides(bots: Place, place: Place) -> None:
    waiting = asked(place.ask())
    assert refusal(place.decide(waiting, as_=USER, key="robot")).reason in NO_WRITE_OF_AGENTS
    assert bots.namespace == BOTS
