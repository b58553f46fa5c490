"""Objects that differ anywhere outside the exact left-out paths never share a hash (C049)."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.canonical import canonical, same
from kubeapprove.change import read_document
from tests.change import make
from tests.change.test_fields import shuffled

# Where a leaf is left out: the whole list of design.md for the objects that these tests mutate.
LEFT_OUT = {
    ("metadata", "managedFields"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "selfLink"),
    ("metadata", "uid"),
    ("metadata", "creationTimestamp"),
}


@make.FEW
@given(st.tuples(make.OBJECTS, make.OBJECTS) | make.OBJECTS.map(lambda value: (value, value)))
def test_created_objects_share_a_hash_only_where_equal(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = ({"metadata": {"name": "x"}, "spec": spec} for spec in pair)
    assert (make.create(one).hash == make.create(other).hash) == same(one, other)


@make.FEW
@given(make.OBJECTS, make.OBJECTS, make.OBJECTS)
def test_updates_of_one_object_share_a_hash_only_where_the_result_is_equal(
    old: dict[str, Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    before, first, second = ({"metadata": {"uid": "u"}, "spec": spec} for spec in (old, one, other))
    assert (make.update(before, first).hash == make.update(before, second).hash) == same(one, other)
    assert make.update(before, first).is_nothing == same(old, one)


@make.FEW
@given(make.OBJECTS, make.OBJECTS, st.randoms(use_true_random=False))
def test_the_order_of_keys_never_matters(old: dict[str, Any], new: dict[str, Any], chance: random.Random) -> None:
    again = shuffled(old, chance), shuffled(new, chance)
    assert (
        make.update(old | {"metadata": {}}, new | {"metadata": {}}).hash
        == make.update({"metadata": {}} | again[0], {"metadata": {}} | again[1]).hash
    )
    assert make.create(new | {"metadata": {}}).hash == make.create({"metadata": {}} | again[1]).hash


@make.FEW
@given(make.OBJECTS, make.OBJECTS)
def test_what_is_stored_reads_back_with_its_hash(old: dict[str, Any], new: dict[str, Any]) -> None:
    for change in (make.create(new | {"metadata": {}}), make.update(old | {"metadata": {}}, new | {"metadata": {}})):
        assert canonical(read_document(change.text)) == canonical(change.document)
        lines = change.text.split("\n")
        assert all(line.isascii() and line.isprintable() and line == line.rstrip() for line in lines)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [leaf for step, item in items for leaf in leaves(item, (*path, step))] or [path]


def with_other_leaf(obj: Any, path: tuple[Any, ...]) -> Any:
    result = copy.deepcopy(obj)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = "another" if isinstance(at[path[-1]], str) else {"another": "value"}
    return result


KINDS = {
    "configmaps": "014-validating-CREATE-configmaps",
    "apps/deployments": "010-validating-CREATE-deployments",
    "pods": "004-validating-CREATE-pods",
    "batch/jobs": "008-validating-CREATE-jobs",
    "services": "002-validating-CREATE-services",
}


@pytest.mark.parametrize(("resource", "name"), KINDS.items(), ids=KINDS)
def test_every_leaf_outside_the_left_out_paths_counts(resource: str, name: str) -> None:
    obj = make.recorded(name).object
    assert obj is not None
    obj["metadata"] |= {"finalizers": ["f"], "ownerReferences": [{"uid": "o"}], "labels": {"managedFields": "x"}}
    obj["status"] = {"generation": 1, "metadata": {"uid": "u", "resourceVersion": "1"}}
    # Without these nothing here is the server's own: neither addresses nor copies of the uid.
    obj["metadata"].pop("managedFields")
    obj["metadata"].pop("uid")
    plain = make.create(obj, resource=resource)
    for path in leaves(obj):
        other = make.create(with_other_leaf(obj, path), resource=resource)
        # a generation is the server's own only where it is the first
        assert (other.hash == plain.hash) == (path[:2] in LEFT_OUT - {("metadata", "generation")}), path


@pytest.mark.parametrize("key", ["managedFields", "resourceVersion", "generation", "selfLink"])
def test_left_out_of_an_update(key: str) -> None:
    old = make.config_map(a="1")
    value: Any = [] if key == "managedFields" else "7"
    assert make.update(old, {**old, "metadata": {**old["metadata"], key: value}}).is_nothing


@pytest.mark.parametrize("key", ["uid", "creationTimestamp", "deletionTimestamp", "finalizers", "namespace"])
def test_never_left_out_of_an_update(key: str) -> None:
    old = make.config_map(a="1")
    change = make.update(old, {**old, "metadata": {**old["metadata"], key: "7"}})
    assert [entry["path"] for entry in change.document["fields"]] == [["metadata", key]]
