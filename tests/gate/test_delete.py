"""`kubectl delete` of every kind: one hash at every try, gone once approved; another of that name is asked again."""

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Done, Place, asked_by_kubectl
from tests.gate.retrying import refused_until_approved, writes_elsewhere
from tests.gate.samples import KINDS, Kind

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_delete(place: Place, kind: Kind) -> None:
    place.given(kind.plural, kind.sample)

    def attempt() -> Done:
        return place.kubectl("delete", kind.plural, "web", "--wait=false")

    first = refused_until_approved(place, attempt, writes_elsewhere(place, kind.plural))
    wait_until(lambda: not place.exists(kind.plural, "web"), f"the {kind.plural} was gone")
    assert "NotFound" in attempt().stderr
    place.given(kind.plural, kind.sample)
    other = asked_by_kubectl(attempt())
    assert other.hash != first.hash
    assert place.exists(kind.plural, "web")
