"""`kubectl scale`: a change of the scale subresource, which an approval of the object does not cover (C004)."""

import pytest

from tests.gate.asking import Done, Place, asked, asked_by_kubectl, change_of
from tests.gate.retrying import refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, Kind

pytestmark = pytest.mark.cluster

SCALABLE = {name: kind for name, kind in KINDS.items() if kind.scalable}


@pytest.mark.parametrize("kind", SCALABLE.values(), ids=SCALABLE.keys())
def test_scale(place: Place, kind: Kind) -> None:
    stored = place.given(kind.plural, kind.sample)

    def attempt() -> Done:
        return place.kubectl("scale", f"{kind.plural}/web", "--replicas=3")

    first = refused_until_approved(place, attempt, writes_elsewhere(place, kind.plural))
    change = change_of(place.approval(first))
    assert (change["resource"]["resource"], change["subresource"]) == (kind.plural, "scale")
    # A Scale has name and uid of what is scaled.
    assert (change["name"], change["uid"]) == ("web", stored["metadata"]["uid"])
    assert {"path": ["spec", "replicas"], "from": 1, "to": 3} in change["fields"]
    assert place.get(kind.plural, "web")["spec"]["replicas"] == 3
    # A Scale does not show who owns its number: to the same number again is asked for too.
    again = asked_by_kubectl(attempt())
    assert change_of(place.approval(again))["fields"] == []


@pytest.mark.parametrize("kind", SCALABLE.values(), ids=SCALABLE.keys())
def test_approved_object_is_no_approved_scale(place: Place, kind: Kind) -> None:
    place.given(kind.plural, kind.sample)
    replicas = {"spec": {"replicas": 3}}
    through_object = asked(place.patch(kind.plural, "web", replicas))
    place.approve(through_object)
    through_scale = asked(place.patch(kind.plural, "web", replicas, subresource="scale"))
    assert through_scale.hash != through_object.hash
    assert place.get(kind.plural, "web")["spec"]["replicas"] == 1


@pytest.mark.parametrize("kind", SCALABLE.values(), ids=SCALABLE.keys())
def test_approved_scale_is_no_approved_object(place: Place, kind: Kind) -> None:
    place.given(kind.plural, kind.sample)
    replicas = {"spec": {"replicas": 3}}
    place.approve(asked(place.patch(kind.plural, "web", replicas, subresource="scale")))
    assert asked(place.patch(kind.plural, "web", replicas)).reason == "ApprovalRequired"
    other = asked(place.patch(kind.plural, "web", {"spec": {"replicas": 4}}, subresource="scale"))
    assert other.reason == "ApprovalRequired"
    assert place.get(kind.plural, "web")["spec"]["replicas"] == 1
