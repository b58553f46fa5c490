"""`kubectl replace` of what `kubectl get` shows, changed: one hash at every try, stored once, then no change."""

import pytest

from tests.gate.asking import Done, Place
from tests.gate.retrying import approvals, refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, Kind, to_json

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_replace(place: Place, kind: Kind) -> None:
    place.given(kind.plural, kind.sample)

    def attempt() -> Done:
        # Read, change, put back, with the resourceVersion: who leaves it out undoes what a controller wrote meanwhile,
        # and that is another change.
        while True:
            manifest = kind.change(place.get(kind.plural, "web"))
            done = place.kubectl("replace", "-f", "-", input=to_json(manifest))
            if "the object has been modified" not in done.stderr:
                return done

    first = refused_until_approved(place, attempt, writes_elsewhere(place, kind.plural))
    assert kind.value_in(place.get(kind.plural, "web")) == kind.value
    assert attempt().returncode == 0
    assert approvals(place) == [first.name]
