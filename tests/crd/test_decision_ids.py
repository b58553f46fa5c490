"""An id is 1 to 63 of a-z, 0-9 and the hyphen, so that it fits a patch, a path and a file name."""

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

REFUSED = ["Alice", "alice@example.com", "a.b", "a b", "a" * 64, "ä", "a\n", ""]


@pytest.mark.parametrize("key", REFUSED)
def test_refused(approvals: Approvals, key: str) -> None:
    assert approvals.create()[0] == 201
    message = refusal(approvals.patch(decisions={key: samples.decision()}))
    assert "a decision's id is 1 to 63 of a-z, 0-9 and -" in message


@pytest.mark.parametrize("key", ["a", "0", "-", "a" * 63])
def test_accepted(approvals: Approvals, key: str) -> None:
    assert approvals.create()[0] == 201
    assert approvals.patch(decisions={key: samples.decision()})[0] == 200
