"""A generated name: one hash whatever name the server makes at each try, and one object."""

import pytest

from tests.gate.asking import Done, Place
from tests.gate.retrying import asks_again, refused_until_approved
from tests.gate.samples import KINDS, Kind, to_json

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_generate_name(place: Place, kind: Kind) -> None:
    manifest = to_json(kind.generated())

    def attempt() -> Done:
        return place.kubectl("create", "-f", "-", input=manifest)

    first = refused_until_approved(place, attempt)
    asks_again(place, attempt, first)
    created = [item["metadata"]["name"] for item in place.items(kind.plural) if "generateName" in item["metadata"]]
    made_by_agent = [name for name in created if name.startswith("web-") and len(name) == len("web-") + 5]
    assert len(made_by_agent) == 1, created
