"""What the models write, they read back equal; what is empty is left out."""

import sys
from datetime import UTC, datetime
from subprocess import run
from typing import Any

import pytest

from kubeapprove import resources
from tests.crd import samples

WHOLE_STATUS = {
    "phase": "Consumed",
    "requirements": [
        {"policy": "", "rule": "", "count": 1, "missing": 0},
        {
            "policy": "production",
            "rule": "two",
            "count": 2,
            "missing": 1,
            "approvers": [{"kind": "Group", "name": "platform"}],
            "allowOwner": True,
            "useWithin": "1h30m",
        },
    ],
    "claim": samples.claim(generation=3),
    "lastPass": {"requestUID": "r-2", "at": samples.AT},
    "outcome": {"result": "AsApproved", "at": samples.AT, "message": "seen"},
    "findings": [{"id": "privileged", "severity": "High", "message": "runs privileged"}],
    "conditions": [
        {
            "type": "Ready",
            "status": "True",
            "reason": "Because",
            "message": "",
            "lastTransitionTime": samples.AT,
            "observedGeneration": 1,
        }
    ],
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "the least": {},
    "everything": {
        "reason": "the probe is wrong",
        "previous": samples.previous(owed=[samples.owed()]),
        "decisions": {"alice": samples.decision(signature="-----BEGIN", breakGlass=True)},
        "revoked": samples.revoked(by={"username": "bob", "uid": "", "extra": {}}),
        "acknowledgements": {"bob": samples.acknowledgement()},
    },
}


@pytest.mark.parametrize("scenario", DOCUMENTS)
@pytest.mark.parametrize("status", [None, WHOLE_STATUS], ids=["no status", "whole status"])
def test_written_as_read(scenario: str, status: dict[str, Any] | None) -> None:
    document = samples.approval(**DOCUMENTS[scenario])
    if status is not None:
        document["status"] = status
    assert resources.ManifestApproval.parse(document).to_json() == document


def test_metadata_keeps_what_it_does_not_know() -> None:
    document = samples.approval()
    document["metadata"] |= {"uid": "u", "resourceVersion": "7", "selfLink": "/x", "managedFields": [{"manager": "m"}]}
    assert resources.ManifestApproval.parse(document).to_json() == document


def test_no_decisions_are_left_out_rather_than_written_empty() -> None:
    approval = resources.ManifestApproval.parse(samples.approval(decisions={}))
    assert "decisions" not in approval.to_json()["spec"]


def test_python_builds_with_its_own_names() -> None:
    now = datetime(2026, 1, 31, 9, tzinfo=UTC)
    claim = resources.Claim(request_uid="r-1", at=now, object_version="")
    assert claim.to_json() == {"requestUID": "r-1", "at": "2026-01-31T09:00:00.000000Z", "objectVersion": ""}
    built = resources.Decision(
        for_="u", verdict=resources.DecisionVerdict.DENIED, reason="", by=resources.By(username="a"), groups=(), at=now
    )
    assert built.to_json()["for"] == "u"


def test_a_fresh_status_is_pending() -> None:
    assert resources.ApprovalStatus.parse({}).phase is resources.Phase.PENDING


def test_importing_builds_no_model() -> None:
    code = (
        "import sys; from kubeapprove import resources; "
        "assert not resources.ManifestApproval.__pydantic_complete__; "
        "assert not {'yaml', 'asyncio', 'rfc8785'} & set(sys.modules)"
    )
    run([sys.executable, "-c", code], check=True)
