"""`kubectl patch` of every kind, as merge patch and as JSON patch: one hash, stored once, then no change."""

import json

import pytest

from tests.gate.asking import Done, Place
from tests.gate.retrying import approvals, refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, Kind

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("form", ["merge", "json"])
def test_patch(place: Place, kind: Kind, form: str) -> None:
    place.given(kind.plural, kind.sample)
    patch = json.dumps(kind.merge_patch if form == "merge" else kind.json_patch)

    def attempt() -> Done:
        return place.kubectl("patch", kind.plural, "web", f"--type={form}", "-p", patch)

    first = refused_until_approved(place, attempt, writes_elsewhere(place, kind.plural))
    assert kind.value_in(place.get(kind.plural, "web")) == kind.value
    assert attempt().returncode == 0
    assert approvals(place) == [first.name]
