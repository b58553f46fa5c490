"""Where the judge read the text otherwise than core did, and core was wrong: each is a change, and was not shown."""

import json
from typing import Any

import pytest

from tests.judge.objects import LAST_APPLIED
from tests.judge.side_by_side import differences

ITEM = 'k:{"name":"a"}'
ANNOTATION: dict[str, Any] = {"f:annotations": {".": {}, f"f:{LAST_APPLIED}": {}}}


def thing(spec: dict[str, Any], fields: dict[str, Any] | None = None, manifest: Any = None) -> dict[str, Any]:
    """Return an object whose one owner `flux` has these fields."""
    annotations = {
        "x": "y",
        **({} if manifest is None else {LAST_APPLIED: json.dumps(manifest, separators=(",", ":"))}),
    }
    owned = [] if fields is None else [{"manager": "flux", "operation": "Apply", "fieldsV1": fields}]
    return {"metadata": {"name": "t", "annotations": annotations, "managedFields": owned}, "spec": spec}


def update(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": "r1",
        "operation": "UPDATE",
        "resource": {"group": "g", "version": "v1", "resource": "things"},
        "namespace": "team",
        "name": "t",
        "userInfo": {"username": "agent"},
        "options": {"fieldManager": "agent"},
        "object": new,
        "oldObject": old,
    }


FILLED = {"a": 1, "securityContext": {"runAsNonRoot": True}}
PARTLY_NAMED = {"a": 1, "list": [{"name": "x"}, {"v": 1}]}
ONE, TWO = {"list": [{"name": "a", "v": 1}]}, {"list": [{"name": "a", "v": 2}]}
FOUND = {
    # "Each leaf that went from it … is absent from the new object": the map is there, filled by somebody else. Before,
    # a person's next apply would have deleted it; afterwards it stays.
    "an empty map goes from last-applied, the map stays": update(
        thing(FILLED, manifest={"spec": {"a": 1, "securityContext": {}}}),
        thing(FILLED, manifest={"spec": {"a": 1}}),
    ),
    # The same for a list that names some of its items only.
    "a list goes from last-applied, a list without unique names stays": update(
        thing(PARTLY_NAMED, manifest={"spec": {"a": 1, "list": [{"name": "x"}]}}),
        thing(PARTLY_NAMED, manifest={"spec": {"a": 1}}),
    ),
    # "An entry may lose a path only where this change sets or removes it": it sets a part of the item, not the item.
    # Without its `.` flux's next apply without the item leaves the item there.
    "an item of a list is lost with its parts, one part changes": update(
        thing(ONE, {"f:spec": {"f:list": {ITEM: {".": {}, "f:v": {}}}}}), thing(TWO)
    ),
    # The annotation is handed on to nobody: that the map of annotations is there is not ownership of what is in it.
    #
    "last-applied is lost, the map of annotations stays owned": update(
        thing(ONE, {"f:metadata": ANNOTATION}, {"spec": ONE}),
        thing(ONE, {"f:metadata": {"f:annotations": {}}}, {"spec": ONE}),
    ),
}


@pytest.mark.parametrize("request_", FOUND.values(), ids=FOUND)
def test_core_and_the_judge_agree(request_: dict[str, Any]) -> None:
    assert differences(request_) == []
