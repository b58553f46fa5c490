"""An approval whose change does not have its hash is shown as Invalid, and lets nothing through (C075)."""

import json

import pytest

from tests.gate.asking import Place, asked, change_of
from tests.operator.seen import becomes, born_again, events

pytestmark = pytest.mark.cluster


def test_change_and_hash_disagree(place: Place) -> None:
    refused = asked(place.ask())
    change = change_of(place.approval(refused))
    change["object"]["data"] = {"color": "blue"}
    born_again(place, refused, change=json.dumps(change, indent=2, sort_keys=True))
    becomes(place, refused, "Invalid")
    assert events(place, refused)["Invalid"].startswith("its change does not have its hash, so it lets nothing through")
    place.decide(refused)
    becomes(place, refused, "Invalid")
    again = asked(place.ask())
    assert place.approval(again)["spec"]["previous"]["outcome"] == "Invalid"
    assert not place.exists("configmaps", "web")
