"""A generated name is one change whatever name the server makes; a chosen name is another (C011)."""

import pytest

from tests.gate.asking import Place, asked

pytestmark = pytest.mark.cluster


def generated(name: str = "") -> dict[str, object]:
    metadata = {"generateName": "web-"} | ({"name": name} if name else {})
    return {"metadata": metadata, "data": {"a": "b"}}


def test_whatever_suffix_the_server_makes(place: Place) -> None:
    place.approve(asked(place.create("configmaps", generated())))
    status, answer = place.create("configmaps", generated())
    assert (status, answer["metadata"]["name"][:4]) == (201, "web-")


@pytest.mark.parametrize("name", ["web-evil", "web-evil1", "web-bcdfa", "web-", "other", "web-bcdfgh"])
def test_a_chosen_name_is_another_change(place: Place, name: str) -> None:
    place.approve(asked(place.create("configmaps", generated())))
    if name.endswith("-"):
        assert place.create("configmaps", generated(name))[0] in {403, 422}
    else:
        assert asked(place.create("configmaps", generated(name))).reason == "ApprovalRequired"
    assert all(item["metadata"]["name"] == "kube-root-ca.crt" for item in place.items("configmaps"))


def test_a_chosen_name_of_the_servers_form_is_the_same_change(place: Place) -> None:
    first = asked(place.create("configmaps", generated()))
    assert asked(place.create("configmaps", generated("web-bcdfg"))).hash == first.hash
