"""What the webhook writes: the approval at its birth, the claim, and the mark of a second pass."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kubeapprove.identity import People
from kubeapprove.lifecycle import Standing, claim_of, owed_by
from kubeapprove.request import Request
from kubeapprove.resources import (
    API_VERSION,
    KIND,
    MAX_DECISIONS,
    OBJECT_ANNOTATION,
    OPERATION_ANNOTATION,
    PENDING_UNTIL_ANNOTATION,
    RESOURCE_ANNOTATION,
    Claim,
    LastPass,
    ManifestApproval,
    Phase,
    Previous,
    RequirementMirror,
    format_time,
)
from kubeapprove.verdict import Asked, Verdict
from kubeapprove_webhook.waiting import REQUESTER_LABEL

# Flux takes over the fields of managers that begin with `kubectl` and would remove what it does not know.
_FLUX = {"kustomize.toolkit.fluxcd.io/ssa": "Merge"}


def approval(
    asked: Asked, namespace: str, name: str, label: str, previous: Previous | None, now: datetime
) -> dict[str, Any]:
    """Return the Pending approval of a change: the phase is the default of a status that nobody wrote.

    `label` tells whose it is. It waits as long as the most impatient requirement says.
    """
    until = format_time(now + min(requirement.pending_for for requirement in asked.requirements))
    document = asked.change.document
    resource, sub = document["resource"]["resource"], document["subresource"]
    annotations = _FLUX | {
        OPERATION_ANNOTATION: document["operation"],
        RESOURCE_ANNOTATION: f"{resource}/{sub}" if sub else resource,
        OBJECT_ANNOTATION: asked.change.name,
        PENDING_UNTIL_ANNOTATION: until,
    }
    spec: dict[str, Any] = {
        "manifestHash": asked.change.hash,
        "change": asked.change.text,
        "requester": asked.request.user.as_dict(),
        "pendingUntil": until,
    }
    if previous is not None:
        spec["previous"] = previous.to_json()
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {REQUESTER_LABEL: label},
            "annotations": annotations,
        },
        "spec": spec,
    }


def requirements(asked: Asked, where: Standing) -> tuple[RequirementMirror, ...]:
    """Return what policies ask today and what is missing of it, as the status shows it to people."""
    pairs = zip(asked.requirements, where.missing, strict=True)
    return tuple(requirement.mirrored(lacks) for requirement, lacks in pairs)


def previous(
    verdict: Verdict, old: ManifestApproval | None, raw: Mapping[str, Any] | None, people: People
) -> Previous | None:
    """Return what became of the approval that the new one replaces, and the reviews that are owed for it."""
    if raw is None or verdict.ended is None:
        return None
    ended = _ended(verdict, old, raw)
    owed = sorted(() if old is None else owed_by(old, people), key=lambda mark: mark.at)
    # One of each person on each approval, the first: who broke the glass again and again hid what came before.
    marks = {(mark.uid, mark.by.username, mark.by.uid): mark for mark in reversed(owed)}
    kept = sorted(marks.values(), key=lambda mark: mark.at)
    return ended.model_copy(update={"owed": tuple(kept[-MAX_DECISIONS:])})


def _ended(verdict: Verdict, old: ManifestApproval | None, raw: Mapping[str, Any]) -> Previous:
    uid = str(raw["metadata"]["uid"])
    if old is None or verdict.standing is None or verdict.ended is Phase.INVALID:
        return Previous(uid=uid, outcome=Phase.INVALID)
    revoked, claim, where = old.spec.revoked, claim_of(old), verdict.standing
    if where.phase is Phase.REVOKED and revoked is not None:
        return Previous(uid=uid, outcome=where.phase, by=(revoked.by.username,), at=revoked.at, reason=revoked.reason)
    at = claim.at if where.phase is Phase.CONSUMED and claim is not None else where.until
    return Previous(uid=uid, outcome=where.phase, by=_names(where), at=at)


def _names(where: Standing) -> tuple[str, ...]:
    return tuple(sorted({decision.by.username for decision in where.decided}))


def claim(mark: Claim) -> dict[str, Any]:
    """Return the status of a claimed approval."""
    return {"phase": str(Phase.CONSUMED), "claim": mark.to_json()}


def pass_again(request: Request) -> dict[str, Any]:
    """Return the status of a claimed approval that lets the same change through once more."""
    mark = LastPass(request_uid=request.uid, at=datetime.now(UTC))
    return {"lastPass": mark.to_json()}
