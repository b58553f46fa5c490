"""The claim is the mark of use: once there, no write to the status takes it away."""

from typing import Any

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

EDITS: dict[str, Any] = {
    "removed": None,
    "another request": {"requestUID": "r-2"},
    "another time": {"at": "2026-01-31T09:00:01.000000Z"},
    "another object version": {"objectVersion": "4712"},
    "no object version": {"objectVersion": ""},
    "a generation added": {"generation": 3},
}


@pytest.fixture
def claimed(approvals: Approvals) -> Approvals:
    assert approvals.create()[0] == 201
    assert approvals.patch_status(claim=samples.claim(), phase="Consumed")[0] == 200
    return approvals


@pytest.mark.parametrize("scenario", EDITS)
def test_refused(claimed: Approvals, scenario: str) -> None:
    assert "claim is set once" in refusal(claimed.patch_status(claim=EDITS[scenario]))


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_leaving_the_status_out_does_not_remove_it(claimed: Approvals, method: str) -> None:
    document = claimed.get()
    if method == "PUT":
        del document["status"]
    else:
        document = {"status": None}
    assert "claim is set once" in refusal(claimed.control_plane.raw(method, claimed.path("a", "status"), document))


def test_a_write_to_the_spec_cannot_touch_it(claimed: Approvals) -> None:
    body = {"status": None, "spec": {"reason": "why"}}
    assert claimed.control_plane.raw("PATCH", claimed.path("a"), body)[0] == 200
    assert claimed.get()["status"]["claim"] == samples.claim()


def test_the_rest_of_the_status_goes_on(claimed: Approvals) -> None:
    assert claimed.patch_status(lastPass={"requestUID": "r-2", "at": samples.AT}, phase="Approved")[0] == 200
    assert claimed.patch_status(lastPass={"requestUID": "r-3", "at": samples.AT})[0] == 200


def test_two_claims_on_one_version_are_one_claim(approvals: Approvals) -> None:
    assert approvals.create()[0] == 201
    version = approvals.get()["metadata"]["resourceVersion"]
    answers = [
        approvals.control_plane.raw(
            "PATCH",
            approvals.path("a", "status"),
            {"metadata": {"resourceVersion": version}, "status": {"claim": samples.claim(requestUID=uid)}},
        )[0]
        for uid in ("r-1", "r-2")
    ]
    assert answers == [200, 409]
