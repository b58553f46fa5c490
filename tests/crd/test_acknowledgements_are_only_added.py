"""Who reviewed what was done by broken glass stays written, while the webhook is down as well."""

from typing import Any

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

TAKEN_BACK: dict[str, dict[str, Any] | None] = {
    "the map removed": None,
    "the entry removed": {"bob": None},
    "the key swapped": {"bob": None, "carol": samples.acknowledgement()},
}
ALTERED: dict[str, dict[str, Any]] = {
    "by": {"by": {"username": "mallory"}},
    "at": {"at": "2026-01-31T09:00:00.123457Z"},
    "reason": {"reason": "other"},
}


@pytest.fixture
def acknowledged(approvals: Approvals) -> Approvals:
    """Return a namespace with an approval that bob has acknowledged."""
    assert approvals.create()[0] == 201
    assert approvals.patch(acknowledgements={"bob": samples.acknowledgement()})[0] == 200
    return approvals


def test_none_at_creation(approvals: Approvals) -> None:
    answer = approvals.create(acknowledgements={"bob": samples.acknowledgement()})
    assert "there is no acknowledgement at creation" in refusal(answer)


def test_altering_is_refused(acknowledged: Approvals) -> None:
    for scenario, fields in ALTERED.items():
        answer = acknowledged.patch(acknowledgements={"bob": fields})
        assert "an acknowledgement is never altered" in refusal(answer), scenario


def test_removing_is_refused(acknowledged: Approvals) -> None:
    for scenario, entries in TAKEN_BACK.items():
        answer = acknowledged.patch(acknowledgements=entries)
        assert "an acknowledgement is never removed" in refusal(answer), scenario


def test_a_second_person_acknowledges(acknowledged: Approvals) -> None:
    assert acknowledged.patch(acknowledgements={"carol": samples.acknowledgement()})[0] == 200
    assert sorted(acknowledged.get()["spec"]["acknowledgements"]) == ["bob", "carol"]
