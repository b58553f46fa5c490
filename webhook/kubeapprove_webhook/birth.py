"""What the webhook writes: the approval at its birth, the claim, and the mark of a second pass."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kubeapprove.lifecycle import Standing, claim_of
from kubeapprove.request import Request
from kubeapprove.resources import (
    API_VERSION,
    KIND,
    OBJECT_ANNOTATION,
    OPERATION_ANNOTATION,
    RESOURCE_ANNOTATION,
    USE_WITHIN_ANNOTATION,
    Claim,
    LastPass,
    ManifestApproval,
    Phase,
    Previous,
    format_time,
)
from kubeapprove.settings import Settings
from kubeapprove.verdict import Asked, Verdict
from kubeapprove_webhook.waiting import REQUESTER_LABEL, requester_label

# Flux takes over the fields of managers that begin with `kubectl` and would remove what it does not know.
_FLUX = {"kustomize.toolkit.fluxcd.io/ssa": "Merge"}


def approval(
    asked: Asked, namespace: str, name: str, settings: Settings, previous: Previous | None, now: datetime
) -> dict[str, Any]:
    """Return the Pending approval of a change: the phase is the default of a status that nobody wrote."""
    document = asked.change.document
    resource, sub = document["resource"]["resource"], document["subresource"]
    annotations = _FLUX | {
        OPERATION_ANNOTATION: document["operation"],
        RESOURCE_ANNOTATION: f"{resource}/{sub}" if sub else resource,
        OBJECT_ANNOTATION: asked.change.name,
        USE_WITHIN_ANNOTATION: str(int(asked.use_within.total_seconds())),
    }
    spec: dict[str, Any] = {
        "manifestHash": asked.change.hash,
        "change": asked.change.text,
        "requester": asked.request.user.as_dict(),
        "pendingUntil": format_time(now + settings.pending_for),
    }
    if previous is not None:
        spec["previous"] = previous.to_json()
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {REQUESTER_LABEL: requester_label(asked.request.user)},
            "annotations": annotations,
        },
        "spec": spec,
    }


def previous(verdict: Verdict, old: ManifestApproval | None, raw: Mapping[str, Any] | None) -> Previous | None:
    """Return what became of the approval that the new one replaces."""
    if raw is None or verdict.ended is None:
        return None
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
