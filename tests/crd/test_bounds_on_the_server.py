"""The API server enforces the models' bounds, and what it stores the models read."""

from typing import Any

import pytest

from kubeapprove import resources
from tests.crd import samples
from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster

REFUSED: dict[str, dict[str, Any]] = {
    "a short hash": {"manifestHash": "sha256:ab"},
    "another algorithm": {"manifestHash": "sha512:" + "ab" * 32},
    "change over 1 MiB": {"change": "a" * (1024 * 1024 + 1)},
    "an object as change": {"change": {"v": 1}},
    "a group of 257 characters": {"requester": {"username": "a", "groups": ["g" * 257]}},
    "1,025 groups": {"requester": {"username": "a", "groups": ["g"] * 1025}},
    "no username": {"requester": {"groups": []}},
    "reason over 4,096": {"reason": "a" * 4097},
    "an end that is no time": {"pendingUntil": "tomorrow"},
    "an end without an offset": {"pendingUntil": "2026-02-01T09:00:00"},
    "an end in month 13": {"pendingUntil": "2026-13-01T09:00:00.000000Z"},
    "an end at second 60": {"pendingUntil": "2026-02-01T09:00:60.000000Z"},
    "an end with nanoseconds": {"pendingUntil": "2026-02-01T09:00:00.123456789Z"},
    "unknown outcome before": {"previous": samples.previous(outcome="Done")},
}


@pytest.mark.parametrize("scenario", REFUSED)
def test_refused(approvals: Approvals, scenario: str) -> None:
    refusal(approvals.create(**REFUSED[scenario]))


def test_what_the_models_write_is_stored_and_read_back(approvals: Approvals) -> None:
    fields = {"reason": "why", "previous": samples.previous()}
    written = resources.ManifestApproval.parse(samples.approval("a", approvals.namespace, **fields))
    assert approvals.control_plane.raw("POST", approvals.path(), written.to_json())[0] == 201
    assert approvals.patch(decisions={"alice": samples.decision(signature="s", breakGlass=True)})[0] == 200
    assert approvals.patch(revoked=samples.revoked())[0] == 200
    assert approvals.patch_status(claim=samples.claim(generation=3))[0] == 200
    read = resources.ManifestApproval.parse(approvals.get())
    assert read.spec.requester == written.spec.requester
    assert read.spec.decisions["alice"].by.username == "alice"
    assert read.status is not None
    assert read.status.claim == resources.Claim.parse(samples.claim(generation=3))


def test_unknown_keys_are_not_stored(approvals: Approvals) -> None:
    assert approvals.create(approved=True)[0] == 201
    assert "approved" not in approvals.get()["spec"]


def test_the_largest_identity_is_stored(approvals: Approvals) -> None:
    requester = {
        "username": "a" * 1024,
        "uid": "u" * 256,
        "groups": ["g" * 256] * 1024,
        "extra": {f"k{n}": ["v" * 2048] for n in range(32)},
    }
    assert approvals.create(requester=requester)[0] == 201
