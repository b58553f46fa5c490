"""Payloads that are compared are equal, and each change that needs an approval is one of its own."""

import json

from bench.gate import plan
from bench.gate.plan import Extent


def test_creations_differ_by_name_alone() -> None:
    ours, theirs = plan.creations("ours", 3), plan.creations("gate", 3)
    assert len({planned.body for planned in ours}) == 3
    assert [planned.body.replace("ours", "gate") for planned in ours] == [planned.body for planned in theirs]
    assert len({len(planned.body) for planned in ours + theirs}) == 1


def test_updates_send_what_is_stored() -> None:
    stored = {
        json.loads(planned.body)["metadata"]["name"]: planned.body
        for planned in plan.updated_objects(plan.UNCHANGED_NAMESPACE)
    }
    for update in plan.unchanged_updates(100):
        name = update.path.partition("?")[0].rpartition("/")[2]
        assert update.body == stored[name]


def test_each_update_of_a_label_changes_it_and_nothing_else() -> None:
    stored = {planned.body for planned in plan.updated_objects(plan.RULED_NAMESPACE)}
    updates = [json.loads(update.body) for edition in "ab" for update in plan.label_updates(edition, 50)]
    assert len({update["metadata"].pop("labels")["edition"] for update in updates}) == 100
    assert {json.dumps(update) for update in updates} == stored


def test_background_writes_change_something_each_time() -> None:
    first, second = plan.background_writes()
    assert (first.path, first.body == second.body) == (second.path, False)


def test_there_is_always_something_to_do() -> None:
    assert Extent(seconds=0.001).requests == 1
