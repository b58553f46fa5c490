"""A custom resource that owns fields which it does not show is not updated: what is stored there would go unseen."""

from typing import Any

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.versions import StoredIn, judge_version
from tests.verdict.scenes import request

WIDGETS = {"group": "example.org", "version": "v1", "resource": "widgets"}
SPEC = {"size": 1, "list": [{"name": "a"}]}


def judge(tree: dict[str, Any], **fields: Any) -> str:
    """Return the refusal of an UPDATE of a widget with these owned fields, empty where there is none."""
    version = fields.pop("version", "example.org/v1")
    owned = [{"manager": "m", "operation": "Update", "apiVersion": version, "fieldsV1": tree}, {"manager": "other"}]
    old = {"metadata": {"name": "a", "managedFields": owned}, "spec": SPEC}
    asked = request(resource=WIDGETS, **{"object": old, "oldObject": old, **fields})
    verdict = judge_version(asked, StoredIn("v1"))
    assert verdict is None or verdict.reason is Reason.STORAGE_VERSION
    return "" if verdict is None else verdict.sentence


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"f:spec": {"f:color": {}}}, "spec.color"),
        ({"f:spec": {".": {}, "f:size": {}, "f:deep": {"f:er": {}}}}, "spec.deep"),
        ({"f:status": {"f:phase": {}}}, "status"),
        ({"f:spec": {"f:list": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:v": {}}}}}, 'spec.list.{"name":"a"}.v'),
    ],
    ids=["a field", "a field of a map that is gone", "all of the status", "a field of an item"],
)
def test_refused_with_the_place(tree: dict[str, Any], place: str) -> None:
    assert judge(tree).startswith(f"{place} of this object is owned and not shown")


@pytest.mark.parametrize(
    "tree",
    [
        {"f:spec": {".": {}, "f:size": {}}},
        {"f:metadata": {"f:labels": {"f:gone": {}}}},
        {"f:spec": {"f:size": {"f:part": {}}}},
        {"f:spec": {"f:list": {'k:{"name":"b"}': {"f:v": {}}}}},
    ],
    ids=["what is there", "metadata, which no schema prunes", "below a scalar", "an item of a list"],
)
def test_not_refused(tree: dict[str, Any]) -> None:
    assert judge(tree) == ""


def test_what_another_version_owns_says_nothing_of_this_one() -> None:
    assert judge({"f:spec": {"f:color": {}}}, version="example.org/v2") == ""


def test_a_new_object_hides_nothing() -> None:
    assert judge({"f:spec": {"f:color": {}}}, operation="CREATE", oldObject=None) == ""
