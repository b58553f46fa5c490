"""A change is what becomes of the object: in whatever patch language it is said, it is the same one."""

import copy
from typing import Any

import pytest

from tests.gate.asking import Place, asked, change_of
from tests.gate.samples import KINDS

pytestmark = pytest.mark.cluster
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
ENV = "/spec/template/spec/containers/0/env"


def deployment(place: Place) -> dict[str, Any]:
    sample = copy.deepcopy(KINDS["Deployment"].sample)
    containers = sample["spec"]["template"]["spec"]["containers"]
    containers[0]["env"] = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    containers.append({"name": "side", "image": "registry.invalid/side:1"})
    return place.given("deployments", sample)


def in_main(env: list[dict[str, Any]]) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": env}]}}}}


LESS: dict[str, Any] = {
    "remove": [{"op": "remove", "path": ENV + "/1"}],
    "test and remove": [{"op": "test", "path": ENV + "/1/name", "value": "B"}, {"op": "remove", "path": ENV + "/1"}],
    "copy and replace": [
        {"op": "copy", "from": ENV + "/0", "path": ENV + "/-"},
        {"op": "replace", "path": ENV, "value": [{"name": "A", "value": "1"}]},
    ],
    "$patch: delete": in_main([{"name": "B", "$patch": "delete"}]),
    "$patch: replace": in_main([{"$patch": "replace"}, {"name": "A", "value": "1"}]),
}


def test_an_item_that_goes(place: Place) -> None:
    deployment(place)
    hashes = {
        name: asked(place.patch("deployments", "web", body, headers=None if isinstance(body, list) else STRATEGIC)).hash
        for name, body in LESS.items()
    }
    assert len(set(hashes.values())) == 1, hashes


def test_what_is_moved_away_and_thrown_away_is_shown(place: Place) -> None:
    deployment(place)
    away = [{"op": "move", "from": ENV + "/0", "path": ENV + "/1"}, {"op": "remove", "path": ENV + "/0"}]
    change = change_of(place.approval(asked(place.patch("deployments", "web", away))))
    env = ["spec", "template", "spec", "containers", {"name": "main"}, "env", {"name": "B"}]
    assert [field["path"] for field in change["fields"]] == [env]


def test_what_is_retained(place: Place) -> None:
    deployment(place)
    retained = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    merged = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
    hashes = {
        asked(place.patch("deployments", "web", retained, headers=STRATEGIC)).hash,
        asked(place.patch("deployments", "web", merged)).hash,
    }
    assert len(hashes) == 1


def test_an_order_alone_is_a_change(place: Place) -> None:
    deployment(place)
    order = {"$setElementOrder/containers": [{"name": "side"}, {"name": "main"}]}
    body = {"spec": {"template": {"spec": order}}}
    change = change_of(place.approval(asked(place.patch("deployments", "web", body, headers=STRATEGIC))))
    assert change["fields"] == [{"path": ["spec", "template", "spec", "containers"], "order": ["side", "main"]}]


def test_replaced_metadata_is_shown_whole(place: Place) -> None:
    deployment(place)
    body = {"metadata": {"$patch": "replace", "name": "web", "labels": {"z": "z"}}}
    change = change_of(place.approval(asked(place.patch("deployments", "web", body, headers=STRATEGIC))))
    assert {tuple(field["path"]) for field in change["fields"]} >= {
        ("metadata", "labels", "app"),
        ("metadata", "labels", "z"),
    }


def test_directives_that_do_nothing_are_no_change(place: Place) -> None:
    deployment(place)
    for body in ({}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x.y/z"]}}):
        assert place.patch("deployments", "web", body, headers=STRATEGIC)[0] == 200
    assert place.items("manifestapprovals") == []


def test_a_patch_that_asks_for_the_end_of_the_object_is_none(place: Place) -> None:
    deployment(place)
    assert place.patch("deployments", "web", {"$patch": "delete"}, headers=STRATEGIC)[0] in {400, 403, 422}
    assert place.exists("deployments", "web")
