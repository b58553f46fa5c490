"""A ServiceAccount as agent: one requester whatever its tokens, and the record says which Pod asked (C059)."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, asked, grant, refusal
from tests.gate.samples import KINDS

pytestmark = pytest.mark.cluster


NAMESPACE = f"bots-{uuid4().hex[:8]}"
USER = f"system:serviceaccount:{NAMESPACE}:robot"


@pytest.fixture(scope="module")
def bots(gated: Gated) -> Iterator[Place]:
    """Every ServiceAccount of one namespace is an agent."""
    gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    place = Place(gated, NAMESPACE)
    gated.control_plane.service_account(NAMESPACE, "robot")
    grant(place, "ServiceAccount", "robot", "cluster-admin")
    webhook = Webhook(gated.control_plane, gated.control_plane.state / "webhook-bots")
    agents = [{"kind": "Group", "name": "agents"}, {"kind": "ServiceAccount", "namespace": NAMESPACE}]
    with gated.answered_by([webhook], {**gated.settings, "agents": agents}):
        yield place


def test_a_token_of_a_pod(bots: Place, place: Place) -> None:
    sample = KINDS["Pod"].named(place.namespace)
    bots.given("pods", {**sample, "spec": {**sample["spec"], "serviceAccountName": "robot"}})
    headers = {"Authorization": f"Bearer {bots.cp.pod_bound_token(NAMESPACE, 'robot', place.namespace)}"}
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
    assert bots.namespace == NAMESPACE
