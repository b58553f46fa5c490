"""Stamp and guard: what a write to a ManifestApproval may be, for `kubectl patch`, `kubectl edit` and our CLI alike.

The rules, in their order:
* Creation is the webhook's own; nobody else's reaches us without being refused. Deleting is not judged: it revokes.
* The status is written by webhook and operator alone.
* A write that changes nothing passes; so do labels and annotations, and finalizers and ownerReferences that go.
* Beyond that a write is exactly one of: one new decision; the revocation; the requester's reason.
* A decision or revocation is made by somebody who holds verb `approve` (the caller of this module asks), and who is no
  controller, no agent, and not the same person as the requester; on an approval that still takes them.
* Who decided, with which groups, and when, is stamped before (`stamp`), and must be true to the caller here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from kubeapprove.canonical import same
from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import Standing, standing, use_within_of, user_of
from kubeapprove.never import gives_reason
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.replaced import json_pointer
from kubeapprove.request import Operation, Request
from kubeapprove.resources import PLURAL, By, Decision, ManifestApproval, Phase, Revoked, format_time
from kubeapprove.servergiven import without_server_metadata
from kubeapprove.settings import Settings
from kubeapprove.verdict import may_decide

MAX_SKEW = timedelta(seconds=90)
"""How far a stamp may be from the guard's own clock: two replicas may have stamped and judged."""
_ONLY_GO = ("finalizers", "ownerReferences")
_FREE = ("labels", "annotations")


class Write(StrEnum):
    """What a write to an approval is."""

    NOTHING = "nothing"
    DECISION = "decision"
    REVOCATION = "revocation"
    REASON = "reason"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """DECISION and REVOCATION still need the access review; REFUSED carries the reason and a sentence of its own."""

    write: Write
    reason: Reason
    sentence: str


def _refused(reason: Reason, sentence: str) -> Judgement:
    return Judgement(Write.REFUSED, reason, sentence)


_HARMLESS = Judgement(Write.NOTHING, Reason.HARMLESS_EDIT, SENTENCES[Reason.HARMLESS_EDIT])


def stamp(request: Request, now: datetime) -> list[dict[str, Any]]:
    """Return the JSON patch that writes who, with which groups and when into new decisions and a new revocation.

    Overwrites what a client put there, and touches nothing that was there before: a decision that is re-applied stays
    as it was stamped.
    """
    old, new = _spec(request.old_object), _spec(request.object)
    before, after = _map(old.get("decisions")), _map(new.get("decisions"))
    facts = {"by": _by(request.user), "groups": list(request.user.groups), "at": format_time(now)}
    patch = [
        {"op": "add", "path": json_pointer(("spec", "decisions", key, fact)), "value": value}
        for key, entry in after.items()
        if key not in before and type(entry) is dict
        for fact, value in facts.items()
    ]
    if "revoked" not in old and type(new.get("revoked")) is dict:
        patch += [
            {"op": "add", "path": json_pointer(("spec", "revoked", fact)), "value": facts[fact]}
            for fact in ("by", "at")
        ]
    return patch


def _by(user: UserInfo) -> dict[str, Any]:
    return By(username=user.username, uid=user.uid, extra=dict(user.extra)).to_json()


def judge_write(request: Request, settings: Settings, now: datetime) -> Judgement:
    """Judge one write to a kubeapprove.io resource, as the mutating webhooks left it."""
    if request.resource.resource != PLURAL:
        return _refused(Reason.NOT_A_DECISION, f"{request.resource.resource} is not a resource that people write")
    if request.operation is not Operation.UPDATE or request.object is None or request.old_object is None:
        return _refused(Reason.NOT_A_DECISION, "approvals are created by the gate alone, when an agent is refused")
    if request.subresource:
        return _refused(Reason.NOT_A_DECISION, "the status is written by the gate alone; decide in spec.decisions")
    if same(without_server_metadata(request.old_object), without_server_metadata(request.object)):
        return _HARMLESS
    if gives_reason(request):
        return Judgement(Write.REASON, Reason.REASON_GIVEN, SENTENCES[Reason.REASON_GIVEN])
    if (sentence := _beside_spec(request.old_object, request.object)) is not None:
        return _refused(Reason.NOT_A_DECISION, sentence)
    if same(_spec(request.old_object), _spec(request.object)):
        return _HARMLESS
    try:
        old, new = ManifestApproval.parse(request.old_object), ManifestApproval.parse(request.object)
    except ValidationError:
        return _refused(Reason.NOT_A_DECISION, "the approval is not one that this version understands")
    return _judge_spec(request.user, old, new, settings, now)


def _beside_spec(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """Why a difference outside of spec is refused, None where labels and annotations change or references go."""
    before, after = dict(old["metadata"]), dict(new["metadata"])
    for key in _FREE:
        before.pop(key, None)
        after.pop(key, None)
    for key in _ONLY_GO:
        gone_from, left = before.pop(key, None) or [], after.pop(key, None) or []
        if not all(any(same(item, other) for other in gone_from) for item in left):
            return f"metadata.{key} of an approval may only lose entries"
    rest_before = {**without_server_metadata({"metadata": before}), "spec": None, "status": None}
    rest_after = {**without_server_metadata({"metadata": after}), "spec": None, "status": None}
    return (
        None
        if same(rest_before, rest_after)
        else "metadata of an approval stays as it is, labels and annotations aside"
    )


def _judge_spec(
    user: UserInfo, old: ManifestApproval, new: ManifestApproval, settings: Settings, now: datetime
) -> Judgement:
    before, after = old.spec.decisions, new.spec.decisions
    if any(key not in after or after[key] != decision for key, decision in before.items()):
        return _refused(Reason.NOT_A_DECISION, "decisions are only added, never altered or removed")
    added = {key: decision for key, decision in after.items() if key not in before}
    rest: dict[str, object] = {"decisions": {}, "revoked": None}
    if old.spec.model_copy(update=rest) != new.spec.model_copy(update=rest):
        return _refused(Reason.NOT_A_DECISION, "only decisions, the revocation and the requester's reason can be added")
    if old.spec.revoked is not None and old.spec.revoked != new.spec.revoked:
        return _refused(Reason.NOT_A_DECISION, "a revocation is set once and stays")
    revoked = new.spec.revoked if old.spec.revoked is None else None
    if len(added) + (revoked is not None) != 1:
        return _refused(Reason.NOT_A_DECISION, "one write adds one decision or the revocation, not more")
    if (sentence := may_decide(user, user_of(old.spec.requester), settings.agent_list())) is not None:
        return _refused(Reason.NOT_A_DECIDER, sentence)
    where = standing(old, now=now, use_within=use_within_of(old, settings), counts=lambda _: True)
    # Who may still approve is not asked here, so what looks expired may be usable: a revocation is taken until it is
    # spent.
    if not where.is_open and not (where.phase is Phase.EXPIRED and revoked is not None):
        return _refused(Reason.NOT_A_DECISION, _takes_no_more(where))
    if revoked is not None:
        return _judge_revocation(user, revoked, now)
    return _judge_decision(user, old, next(iter(added.values())), now)


def _takes_no_more(where: Standing) -> str:
    return {
        Phase.DENIED: "the approval is denied, and that holds until it is deleted",
        Phase.REVOKED: "the approval is revoked; the agent has to ask again",
        Phase.CONSUMED: "the approval has let its change through; the agent has to ask again",
        Phase.EXPIRED: "the approval has expired; the agent has to ask again",
    }[where.phase]


def _judge_decision(user: UserInfo, approval: ManifestApproval, decision: Decision, now: datetime) -> Judgement:
    if decision.for_ != approval.metadata.uid:
        return _refused(
            Reason.NOT_A_DECISION,
            f"the decision is for another approval: `for` must be {approval.metadata.uid}, this approval's uid",
        )
    if decision.signature is not None or decision.break_glass is not None:
        return _refused(Reason.NOT_A_DECISION, "signed decisions and break glass are not supported yet")
    if not _is_stamped(user, decision.by, decision.at, now) or decision.groups != user.groups:
        return _refused(Reason.NOT_A_DECISION, "by, groups and at must be the caller's own, as the stamp writes them")
    return Judgement(Write.DECISION, Reason.DECIDED, SENTENCES[Reason.DECIDED])


def _judge_revocation(user: UserInfo, revoked: Revoked, now: datetime) -> Judgement:
    if not _is_stamped(user, revoked.by, revoked.at, now):
        return _refused(Reason.NOT_A_DECISION, "by and at must be the caller's own, as the stamp writes them")
    return Judgement(Write.REVOCATION, Reason.DECIDED, SENTENCES[Reason.DECIDED])


def _is_stamped(user: UserInfo, by: By, at: datetime, now: datetime) -> bool:
    stamped = (by.username, by.uid, {key: tuple(values) for key, values in by.extra.items()})
    caller = (user.username, user.uid, {key: tuple(values) for key, values in user.extra.items()})
    return stamped == caller and abs(now - at) <= MAX_SKEW


def _spec(obj: dict[str, Any] | None) -> dict[str, Any]:
    return _map((obj or {}).get("spec"))


def _map(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}
