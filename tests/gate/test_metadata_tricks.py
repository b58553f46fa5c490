"""What a request says of the object's own metadata is shown where the API server keeps it, and nothing passes beside it."""

import copy
from typing import Any

import pytest

from tests.gate.asking import Place, asked, change_of
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster

ABSENT = "00000000-0000-4000-8000-000000000000"
OVERWRITTEN: dict[str, dict[str, Any]] = {
    "no resourceVersion": {"resourceVersion": None},
    "generation": {"generation": 77},
    "selfLink": {"selfLink": "/evil"},
    "creationTimestamp": {"creationTimestamp": "2001-01-01T00:00:00Z"},
    "no uid": {"uid": None},
}
REFUSED: dict[str, dict[str, Any]] = {
    "another uid": {"uid": ABSENT},
    "another name": {"name": "other"},
    "another namespace": {"namespace": "default"},
    "deletionTimestamp": {"deletionTimestamp": "2001-01-01T00:00:00Z"},
    "an old resourceVersion": {"resourceVersion": "1"},
}
SHOWN: dict[str, dict[str, Any]] = {
    "finalizers": {"finalizers": ["example.org/hold"]},
    "labels": {"labels": {"a": "b"}},
    "generateName": {"generateName": "web-"},
}


def put(place: Place, stored: dict[str, Any], metadata: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    body = copy.deepcopy(stored)
    for key, value in metadata.items():
        if value is None:
            del body["metadata"][key]
        else:
            body["metadata"][key] = value
    return place.cp.raw("PUT", place.path("configmaps", "web"), body, as_="agent")


@pytest.mark.parametrize("metadata", OVERWRITTEN.values(), ids=OVERWRITTEN.keys())
def test_what_the_server_overwrites_changes_nothing(place: Place, metadata: dict[str, Any]) -> None:
    stored = place.given("configmaps", config_map())
    status, answer = put(place, stored, metadata)
    assert status == 200, answer
    assert place.get("configmaps", "web") == stored
    assert place.items("manifestapprovals") == []


@pytest.mark.parametrize("metadata", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_server_refuses(place: Place, metadata: dict[str, Any]) -> None:
    stored = place.given("configmaps", config_map())
    assert put(place, stored, metadata)[0] in {400, 409, 422}
    assert place.get("configmaps", "web") == stored


@pytest.mark.parametrize("metadata", SHOWN.values(), ids=SHOWN.keys())
def test_what_the_server_keeps_is_asked_for(place: Place, metadata: dict[str, Any]) -> None:
    waiting = asked(put(place, place.given("configmaps", config_map()), metadata))
    (key,) = metadata
    assert all(field["path"][:2] == ["metadata", key] for field in change_of(place.approval(waiting))["fields"])


def test_what_a_new_object_says_of_itself(place: Place) -> None:
    plain = asked(place.create("configmaps", config_map()))
    said = {
        "uid": ABSENT,
        "creationTimestamp": "2001-01-01T00:00:00Z",
        "selfLink": "/evil",
        "deletionGracePeriodSeconds": 5,
    }
    body = config_map()
    body["metadata"] |= said
    assert asked(place.create("configmaps", body)).hash == plain.hash
    place.approve(plain)
    status, stored = place.create("configmaps", body)
    assert status == 201
    assert {key: stored["metadata"].get(key) for key in said} != said
    assert "selfLink" not in stored["metadata"]
    assert "deletionGracePeriodSeconds" not in stored["metadata"]
    assert stored["metadata"]["uid"] != ABSENT
