"""A deletion is bound to the object's uid and to every option that changes what goes with it."""

from typing import Any

import pytest

from kubeapprove.strictjson import UnreadableError
from tests.change import make

OLD = {"metadata": {"name": "cm", "uid": "u"}, "data": {"password": "hunter2"}}
PLAIN = {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "propagationPolicy": "Background"}

SAME: dict[str, dict[str, Any]] = {
    "preconditions": {**PLAIN, "preconditions": {"uid": "u", "resourceVersion": "7"}},
    "a dry run": {**PLAIN, "dryRun": ["All"]},
    "another version of the options": {**PLAIN, "apiVersion": "v1"},
    "no kind": {"propagationPolicy": "Background"},
}


@pytest.mark.parametrize("options", SAME.values(), ids=SAME)
def test_the_same_deletion(options: dict[str, Any]) -> None:
    assert make.delete(OLD, options=options).hash == make.delete(OLD, options=PLAIN).hash


OTHER: dict[str, dict[str, Any]] = {
    "orphans": {**PLAIN, "propagationPolicy": "Orphan"},
    "orphans, the deprecated way": {**PLAIN, "orphanDependents": True},
    "no orphans, the deprecated way": {**PLAIN, "orphanDependents": False},
    "at once": {**PLAIN, "gracePeriodSeconds": 0},
    "unread": {**PLAIN, "ignoreStoreReadErrorWithClusterBreakingPotential": True},
    "an option yet unknown": {**PLAIN, "new": None},
    "none": {},
}


def test_each_option_counts() -> None:
    hashes = {make.delete(OLD, options=options).hash for options in (PLAIN, *OTHER.values())}
    assert len(hashes) == len(OTHER) + 1


def test_the_document() -> None:
    change = make.delete(OLD, options=PLAIN, name="cm")
    assert change.document == {
        "v": 1,
        "cluster": make.CLUSTER,
        "operation": "DELETE",
        "resource": {"group": "", "version": "v1", "resource": "configmaps"},
        "subresource": "",
        "namespace": "team",
        "name": "cm",
        "uid": "u",
        "options": {"propagationPolicy": "Background"},
        "replaced": [],
    }
    assert change.binds_uid


def test_of_a_collection_the_name_is_the_object_s() -> None:
    assert make.delete(OLD, name="").hash == make.delete(OLD, name="cm").hash
    assert make.delete(OLD, name="").name == "cm"


def test_another_object_of_the_name_is_another_deletion() -> None:
    again = {"metadata": {"name": "cm", "uid": "v"}}
    assert make.delete(again).hash != make.delete(OLD).hash


def test_without_a_uid_nothing_is_bound() -> None:
    assert not make.delete({"metadata": {"name": "cm"}}).binds_uid


@pytest.mark.parametrize("key", ["name", "uid"])
def test_a_name_or_uid_that_is_no_text(key: str) -> None:
    with pytest.raises(UnreadableError, match=f"metadata.{key} is not a string"):
        make.delete({"metadata": {"name": "n", key: 1}})


def test_a_huge_option_is_cut_and_a_huge_number_exact() -> None:
    change = make.delete(OLD, options={"a": "x" * 200_000, "b": 2**53, "c": ["value"]})
    assert change.cut == ("/options/a",)
    assert make.replaced(change)["/options/b"] == {"path": "/options/b", "as": "integer", "digits": "9007199254740992"}
