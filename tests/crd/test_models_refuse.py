"""What the models refuse to read; a refusal here is a denial in the webhook."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from kubeapprove import resources
from tests.crd import samples

Document = dict[str, Any]


def changed(*path: str, to: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        for step in path[:-1]:
            document = document.setdefault(step, {})
        document[path[-1]] = to

    return change


def without(*path: str) -> Callable[[Document], None]:
    def remove(document: Document) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return remove


REFUSED: dict[str, Callable[[Document], None]] = {
    "unknown key beside spec": changed("extra", to=1),
    "unknown key in the spec": changed("spec", "approved", to=True),
    "unknown key in a decision": changed("spec", "decisions", "a", to=samples.decision(weight=2)),
    "unknown key in the requester": changed("spec", "requester", "name", to="a"),
    "unknown key in the status": changed("status", "verdict", to="allow"),
    "python's name for a key": changed("spec", "manifest_hash", to=samples.HASH),
    "another version": changed("apiVersion", to="kubeapprove.io/v1"),
    "another kind": changed("kind", to="ApprovalPolicy"),
    "no metadata": without("metadata"),
    "no hash": without("spec", "manifestHash"),
    "no change": without("spec", "change"),
    "no requester": without("spec", "requester"),
    "no end": without("spec", "pendingUntil"),
    "hash in upper case": changed("spec", "manifestHash", to="sha256:" + "AB" * 32),
    "hash with a line feed": changed("spec", "manifestHash", to=samples.HASH + "\n"),
    "change over 1 MiB": changed("spec", "change", to=" " * (resources.MAX_CHANGE + 1)),
    "unknown verdict": changed("spec", "decisions", "a", to=samples.decision(verdict="approved")),
    "decision id in upper case": changed("spec", "decisions", "Alice", to=samples.decision()),
    "decision id over 63": changed("spec", "decisions", "a" * 64, to=samples.decision()),
    "17 decisions": changed("spec", "decisions", to={f"d{n}": samples.decision() for n in range(17)}),
    "1,025 groups": changed("spec", "requester", "groups", to=["g"] * 1025),
    "a group of 257 characters": changed("spec", "requester", "groups", to=["g" * 257]),
    "reason over 4,096": changed("spec", "reason", to="a" * 4097),
    "empty reason of the agent": changed("spec", "reason", to=""),
    "break glass as a word": changed("spec", "decisions", "a", to=samples.decision(breakGlass="true")),
    "revoked without a reason": changed("spec", "revoked", to={"by": {"username": "bob"}, "at": samples.AT}),
    "unknown phase": changed("status", "phase", to="Done"),
    "claim without a request": changed("status", "claim", to={"at": samples.AT, "objectVersion": "1"}),
    "generation as a string": changed("status", "claim", to=samples.claim(generation="3")),
}


@pytest.mark.parametrize("scenario", REFUSED)
def test_refused(scenario: str) -> None:
    document = samples.approval()
    REFUSED[scenario](document)
    with pytest.raises(ValidationError):
        resources.ManifestApproval.parse(document)


def test_something_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValidationError):
        resources.ManifestApproval.parse(["a", "list"])


def test_a_model_cannot_be_altered() -> None:
    approval = resources.ManifestApproval.parse(samples.approval())
    with pytest.raises(ValidationError):
        approval.spec.manifest_hash = samples.OTHER_HASH  # type: ignore[misc]
