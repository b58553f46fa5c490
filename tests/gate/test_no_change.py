"""No change passes unasked; what looks like none and steers others is asked for."""

from typing import Any

import pytest

from tests.gate.asking import Place, asked, change_of
from tests.gate.samples import KINDS, to_json

pytestmark = pytest.mark.cluster


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_same_again(place: Place, kind: Any) -> None:
    stored = place.given(kind.plural, kind.sample)
    labels = {"metadata": {"labels": stored["metadata"]["labels"]}}
    before = place.get(kind.plural, "web")["metadata"]["uid"]
    assert place.patch(kind.plural, "web", labels)[0] == 200
    assert place.patch(kind.plural, "web", [])[0] == 200
    assert place.get(kind.plural, "web")["metadata"]["uid"] == before
    assert place.items("manifestapprovals") == []


def test_wiping_ownership(place: Place) -> None:
    place.kubectl(
        "apply", "--server-side", "-f", "-", input=to_json(KINDS["ConfigMap"].sample), as_="admin", check=True
    )
    wipe: dict[str, Any] = {"metadata": {"managedFields": [{}]}}
    waiting = asked(place.patch("configmaps", "web", wipe))
    assert change_of(place.approval(waiting))["ownership"]
    assert asked(place.patch("configmaps", "web", wipe)).hash == waiting.hash
    assert place.get("configmaps", "web")["metadata"]["managedFields"] != []


def test_an_annotation_that_steers_the_next_apply(place: Place) -> None:
    place.kubectl("apply", "-f", "-", input=to_json(KINDS["ConfigMap"].sample), as_="admin", check=True)
    told = to_json({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"victim": "x"}})
    asked(place.patch("configmaps", "web", {"metadata": {"annotations": {LAST_APPLIED: told}}}))
    asked(place.patch("configmaps", "web", {"metadata": {"annotations": {LAST_APPLIED: None}}}))


ADDRESSES: dict[str, dict[str, Any]] = {
    "clusterIP": {"clusterIP": "10.0.0.5"},
    "headless": {"clusterIP": "None"},
    "externalIPs": {"externalIPs": ["192.0.2.1"]},
    "LoadBalancer": {"type": "LoadBalancer"},
    "NodePort": {"type": "NodePort"},
    "a chosen nodePort": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30077}]},
}


def test_each_way_to_reach_a_service_is_another_change(place: Place) -> None:
    sample = KINDS["Service"].sample
    bodies = [sample, *({**sample, "spec": {**sample["spec"], **more}} for more in ADDRESSES.values())]
    assert len({asked(place.create("services", body)).hash for body in bodies}) == len(bodies)
