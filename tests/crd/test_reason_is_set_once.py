"""The agent says once why it wants the change."""

import pytest

from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster


@pytest.fixture
def explained(approvals: Approvals) -> Approvals:
    assert approvals.create()[0] == 201
    assert approvals.patch(reason="the probe is wrong")[0] == 200
    return approvals


def test_it_can_be_set_after_creation(explained: Approvals) -> None:
    assert explained.get()["spec"]["reason"] == "the probe is wrong"


@pytest.mark.parametrize("reason", ["another", None], ids=["altered", "removed"])
def test_refused(explained: Approvals, reason: str | None) -> None:
    assert "reason is set once" in refusal(explained.patch(reason=reason))


def test_the_same_again_is_no_offence(explained: Approvals) -> None:
    assert explained.patch(reason="the probe is wrong")[0] == 200


def test_an_empty_one_does_not_use_it_up(approvals: Approvals) -> None:
    assert approvals.create()[0] == 201
    assert "spec.reason" in refusal(approvals.patch(reason=""))
