"""`kubectl apply` of every kind, new and changed: one hash at every try, stored once, then no change."""

import pytest

from tests.gate.asking import Done, Place
from tests.gate.retrying import approvals, refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, Kind, to_json

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_new(place: Place, kind: Kind) -> None:
    manifest = to_json(kind.sample)

    def attempt() -> Done:
        return place.kubectl("apply", "-f", "-", input=manifest)

    first = refused_until_approved(place, attempt)
    stored = place.get(kind.plural, "web")
    assert attempt().returncode == 0
    assert place.get(kind.plural, "web")["metadata"]["uid"] == stored["metadata"]["uid"]
    assert approvals(place) == [first.name]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_changed(place: Place, kind: Kind) -> None:
    place.kubectl("apply", "-f", "-", input=to_json(kind.sample), as_="admin", check=True)
    manifest = to_json(kind.change(kind.sample))

    def attempt() -> Done:
        return place.kubectl("apply", "-f", "-", input=manifest)

    first = refused_until_approved(place, attempt, writes_elsewhere(place, kind.plural))
    assert kind.value_in(place.get(kind.plural, "web")) == kind.value
    assert attempt().returncode == 0
    assert approvals(place) == [first.name]
