"""`kubectl create` of every kind: one hash at every try, then stored once, then asked again."""

import pytest

from tests.gate.asking import Done, Place
from tests.gate.retrying import asks_again, refused_until_approved
from tests.gate.samples import KINDS, Kind, to_json

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_create(place: Place, kind: Kind) -> None:
    manifest = to_json(kind.sample)

    def attempt() -> Done:
        return place.kubectl("create", "-f", "-", input=manifest)

    first = refused_until_approved(place, attempt)
    assert place.exists(kind.plural, "web")
    asks_again(place, attempt, first)
