"""What was asked for stays what was asked for, while the webhook is down as well."""

from typing import Any

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

EDITS: dict[str, tuple[str, Any]] = {
    "another hash": ("manifestHash", samples.OTHER_HASH),
    "hash removed": ("manifestHash", None),
    "another change": ("change", '{\n  "v": 2\n}'),
    "a blank more in the change": ("change", '{\n  "v": 1 \n}'),
    "change removed": ("change", None),
    "another username": ("requester", {"username": "agent2"}),
    "another uid": ("requester", {"uid": "u-9"}),
    "uid removed": ("requester", {"uid": None}),
    "a group more": ("requester", {"groups": ["agents", "admins"]}),
    "groups removed": ("requester", {"groups": None}),
    "extra: another value": ("requester", {"extra": {"a": ["c"]}}),
    "extra: a key more": ("requester", {"extra": {"b": ["b"]}}),
    "extra: a key swapped": ("requester", {"extra": {"a": None, "b": ["b"]}}),
    "requester removed": ("requester", None),
    "a later end": ("pendingUntil", "2027-02-01T09:00:00.000000Z"),
    "end a microsecond later": ("pendingUntil", "2026-02-01T09:00:00.000001Z"),
    "end removed": ("pendingUntil", None),
    "another outcome before": ("previous", {"outcome": "Denied"}),
    "another reason before": ("previous", {"reason": "other"}),
    "somebody else before": ("previous", {"by": ["bob"]}),
    "previous removed": ("previous", None),
}


@pytest.fixture
def created(approvals: Approvals) -> Approvals:
    assert approvals.create(previous=samples.previous())[0] == 201
    return approvals


@pytest.mark.parametrize("scenario", EDITS)
def test_refused(created: Approvals, scenario: str) -> None:
    field, value = EDITS[scenario]
    before = created.get()
    assert f"spec.{field}" in refusal(created.patch(**{field: value}))
    assert created.get() == before


def test_previous_cannot_be_added_later(approvals: Approvals) -> None:
    assert approvals.create()[0] == 201
    assert "previous is immutable" in refusal(approvals.patch(previous=samples.previous()))


def test_the_same_values_again_are_no_offence(created: Approvals) -> None:
    assert created.patch(**samples.spec(previous=samples.previous()))[0] == 200


def test_the_spec_cannot_be_removed(created: Approvals) -> None:
    answer = created.control_plane.raw("PATCH", created.path("a"), {"spec": None})
    assert "spec: Required value" in refusal(answer)
