"""Stamp and guard: what a write to a ManifestApproval may be, for `kubectl patch`, `kubectl edit` and our CLI alike.

The rules, in their order:
* Creation is the webhook's own; nobody else's reaches us without being refused. Deleting is not judged: it revokes.
* The status is written by webhook and operator alone.
* A write that changes nothing passes; so do labels and annotations, and finalizers and ownerReferences that go.
* Beyond that a write is exactly one of: one new decision; the revocation; one acknowledgement; the requester's reason.
* It is made by somebody who holds verb `approve`, or `breakglass` where the decision breaks the glass (the caller of
  this module asks), and who is no controller, no agent, not the same person as the requester, and not the agent's owner
  unless a policy lets owners approve.
* Decisions and the revocation are taken while the approval is open; an acknowledgement whenever broken glass is owed a
  review, by somebody else than who broke it.
* Who decided, with which groups, and when, is stamped before (`stamp`), and must be true to the caller here.

Whether a decision is enough is said at use: who is on no list of the requirements that the status mirrors is warned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ValidationError

from kubeapprove.canonical import same
from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import (
    APPROVE,
    Standing,
    may_decide,
    owed_by,
    requirements_of,
    standing,
    user_of,
    verb_of,
)
from kubeapprove.never import gives_reason
from kubeapprove.printable import is_one_line, is_safe
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.request import Operation, Request
from kubeapprove.requirements import Requirement
from kubeapprove.resources import (
    MAX_DECISIONS,
    Acknowledgement,
    By,
    Decision,
    DecisionVerdict,
    ManifestApproval,
    Phase,
    Revoked,
)
from kubeapprove.ruling import Policies
from kubeapprove.servergiven import without_server_metadata
from kubeapprove.settings import Settings
from kubeapprove.stamping import is_stamped, spec_of

_ONLY_GO = ("finalizers", "ownerReferences")
_FREE = ("labels", "annotations")


class Write(StrEnum):
    """What a write to an approval is."""

    NOTHING = "nothing"
    DECISION = "decision"
    REVOCATION = "revocation"
    ACKNOWLEDGEMENT = "acknowledgement"
    POLICY = "policy"
    REASON = "reason"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`verb`: what the caller must hold, by the access review; empty: nothing. `warnings` are for who writes."""

    write: Write
    reason: Reason
    sentence: str
    verb: str = ""
    warnings: tuple[str, ...] = ()


def _refused(reason: Reason, sentence: str) -> Judgement:
    return Judgement(Write.REFUSED, reason, sentence)


def _taken(write: Write, verb: str) -> Judgement:
    return Judgement(write, Reason.DECIDED, SENTENCES[Reason.DECIDED], verb)


_HARMLESS = Judgement(Write.NOTHING, Reason.HARMLESS_EDIT, SENTENCES[Reason.HARMLESS_EDIT])


def judge_write(request: Request, settings: Settings, policies: Policies | None, now: datetime) -> Judgement:
    """Judge one write to a ManifestApproval, as the mutating webhooks left it.

    `policies` is None where nobody knows what they say now: then nobody decides.
    """
    if request.operation is not Operation.UPDATE or request.object is None or request.old_object is None:
        return _refused(Reason.NOT_A_DECISION, "approvals are created by the gate alone, when an agent is refused")
    if request.subresource:
        return _refused(Reason.NOT_A_DECISION, "the status is written by the gate alone; decide in spec.decisions")
    if same(without_server_metadata(request.old_object), without_server_metadata(request.object)):
        return _HARMLESS
    if gives_reason(request, settings):
        return Judgement(Write.REASON, Reason.REASON_GIVEN, SENTENCES[Reason.REASON_GIVEN])
    if (sentence := _beside_spec(request.old_object, request.object)) is not None:
        return _refused(Reason.NOT_A_DECISION, sentence)
    if same(spec_of(request.old_object), spec_of(request.object)):
        return _HARMLESS
    try:
        old, new = ManifestApproval.parse(request.old_object), ManifestApproval.parse(request.object)
    except ValidationError:
        return _refused(Reason.NOT_A_DECISION, "the approval is not one that this version understands")
    if policies is None:
        return _refused(Reason.POLICY_UNKNOWN, f"{SENTENCES[Reason.POLICY_UNKNOWN]}; try again in a few seconds")
    return _judge_spec(request.user, old, new, policies, now)


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


@dataclass(frozen=True, slots=True)
class _Added:
    """What one write adds."""

    decisions: tuple[Decision, ...]
    words: tuple[Acknowledgement, ...]
    revoked: Revoked | None

    @property
    def reasons(self) -> list[str]:
        """What is given as a reason; each is one thing that was added."""
        entries = [*(one.reason for one in self.decisions), *(one.reason for one in self.words)]
        return [*entries, *([] if self.revoked is None else [self.revoked.reason])]


def _added_by(old: ManifestApproval, new: ManifestApproval) -> _Added | str:
    """Return what is added where nothing else is done, else why that is refused."""
    before, after = old.spec, new.spec
    if not (_kept(before.decisions, after.decisions) and _kept(before.acknowledgements, after.acknowledgements)):
        return "decisions are only added, never altered or removed"
    rest: dict[str, object] = {"decisions": {}, "acknowledgements": {}, "revoked": None}
    if before.model_copy(update=rest) != after.model_copy(update=rest):
        return "only decisions, the revocation and the requester's reason can be added"
    if before.revoked is not None and before.revoked != after.revoked:
        return "a revocation is set once and stays"
    added = _Added(
        _new(before.decisions, after.decisions),
        _new(before.acknowledgements, after.acknowledgements),
        after.revoked if before.revoked is None else None,
    )
    if len(added.reasons) != 1:
        return "one write adds one decision or the revocation, not more"
    return added if all(map(is_one_line, added.reasons)) else _ONE_LINE


def _judge_spec(
    user: UserInfo, old: ManifestApproval, new: ManifestApproval, policies: Policies, now: datetime
) -> Judgement:
    added = _added_by(old, new)
    if isinstance(added, str):
        return _refused(Reason.NOT_A_DECISION, added)
    requester, revoked = user_of(old.spec.requester), added.revoked
    allow_owner = policies.lets_owner_approve(requester) and not any(one.break_glass for one in added.decisions)
    if (sentence := may_decide(user, requester, policies.people, allow_owner=allow_owner)) is not None:
        return _refused(Reason.NOT_A_DECIDER, sentence)
    if added.words:
        return _judge_acknowledgement(user, old, added.words[0].by, added.words[0].at, policies, now)
    requirements = requirements_of(old)
    where = standing(old, now=now, requirements=requirements, people=policies.people)
    # Who may still approve is not asked here, so what looks expired may be usable: a revocation is taken until it is
    # spent.
    if not where.is_open and not (where.phase is Phase.EXPIRED and revoked is not None):
        return _refused(Reason.NOT_A_DECISION, _takes_no_more(where))
    if revoked is not None:
        if not is_stamped(user, revoked.by, revoked.at, now):
            return _refused(Reason.NOT_A_DECISION, "by and at must be the caller's own, as the stamp writes them")
        return _taken(Write.REVOCATION, APPROVE)
    decision = added.decisions[0]
    judgement = _judge_decision(user, old, decision, now)
    judgement = _warned(judgement, decision, user, requirements, is_owner=policies.people.owns(user, requester))
    return _warned_again(judgement, old, user, policies)


T = TypeVar("T", Decision, Acknowledgement)


def _kept(before: dict[str, T], after: dict[str, T]) -> bool:
    return all(key in after and after[key] == entry for key, entry in before.items())


def _new(before: dict[str, T], after: dict[str, T]) -> tuple[T, ...]:
    return tuple(entry for key, entry in after.items() if key not in before)


def _takes_no_more(where: Standing) -> str:
    return {
        Phase.DENIED: "the approval is denied, and that holds until it is deleted",
        Phase.REVOKED: "the approval is revoked; the agent has to ask again",
        Phase.CONSUMED: "the approval has let its change through; the agent has to ask again",
        Phase.EXPIRED: "the approval has expired; the agent has to ask again",
    }[where.phase]


def _judge_decision(
    user: UserInfo,
    approval: ManifestApproval,
    decision: Decision,
    now: datetime,
) -> Judgement:
    if (sentence := _no_room(user, approval, decision)) is not None:
        return _refused(Reason.NOT_A_DECISION, sentence)
    if decision.for_ != approval.metadata.uid:
        return _refused(
            Reason.NOT_A_DECISION,
            f"the decision is for another approval: `for` must be {approval.metadata.uid}, this approval's uid",
        )
    if decision.signature is not None:
        return _refused(Reason.NOT_A_DECISION, "signed decisions are not supported yet")
    if not is_stamped(user, decision.by, decision.at, now) or decision.groups != user.groups:
        return _refused(Reason.NOT_A_DECISION, "by, groups and at must be the caller's own, as the stamp writes them")
    if decision.break_glass:
        if decision.verdict is not DecisionVerdict.APPROVED:
            return _refused(Reason.NOT_A_DECISION, "who denies breaks no glass; leave breakGlass out")
        if not any(is_safe(character) and not character.isspace() for character in decision.reason):
            return _refused(Reason.NOT_A_DECISION, "who breaks the glass gives a reason; it is owed a review")
        if any(decision.at <= word.at for word in approval.spec.acknowledgements.values()):
            return _refused(Reason.NOT_A_DECISION, _BEHIND)
    return _taken(Write.DECISION, verb_of(decision))


# A review covers what was stamped before it, by whatever replica: so stamps of the two have to follow each other.
_BEHIND = "the clock of the gate's replica that took this is behind another's; try again in a minute"


_ONE_LINE = (
    "a reason is one line: without line breaks and control characters, which could draw other people's decisions"
)


def _no_room(user: UserInfo, approval: ManifestApproval, decision: Decision) -> str | None:
    """Why one more decision is not taken: the same again says nothing, and somebody must always be able to deny."""
    others = approval.spec.decisions.values()
    is_approval = decision.verdict is DecisionVerdict.APPROVED
    if is_approval and any(
        (one.by.username, one.by.uid, one.groups, one.verdict, bool(one.break_glass))
        == (user.username, user.uid, user.groups, decision.verdict, bool(decision.break_glass))
        for one in others
    ):
        return "you approved this already, and one person counts once"
    if is_approval and len(others) >= MAX_DECISIONS - 1:
        return f"{len(others)} decisions are there, and the last place is kept for a denial"
    return None


def _warned(
    judgement: Judgement, decision: Decision, user: UserInfo, requirements: Sequence[Requirement], *, is_owner: bool
) -> Judgement:
    """Tell whose approval counts for nothing today; whether it does is said at use."""
    if judgement.write is Write.REFUSED or decision.break_glass or decision.verdict is DecisionVerdict.DENIED:
        return judgement
    listing = [requirement for requirement in requirements if requirement.lists(user)]
    if any(requirement.allow_owner or not is_owner for requirement in listing):
        return judgement
    lists = " and ".join(requirement.who for requirement in requirements)
    but = ", and not for the agent's owner" if listing else ""
    warning = f"your approval does not count as things are: policies ask for {lists}{but}"
    return replace(judgement, warnings=(warning,))


def _warned_again(judgement: Judgement, approval: ManifestApproval, user: UserInfo, policies: Policies) -> Judgement:
    """Tell who approves a second time that this makes no second person."""
    before = approval.spec.decisions.values()
    if judgement.write is Write.REFUSED or not any(policies.people.same(user, user_of(one.by)) for one in before):
        return judgement
    warning = "you decided on this already, and one person counts once, whatever they add"
    return replace(judgement, warnings=(*judgement.warnings, warning))


def _judge_acknowledgement(
    user: UserInfo, approval: ManifestApproval, by: By, at: datetime, policies: Policies, now: datetime
) -> Judgement:
    if not is_stamped(user, by, at, now):
        return _refused(Reason.NOT_A_DECISION, "by and at must be the caller's own, as the stamp writes them")
    owed = owed_by(approval, policies.people)
    if not owed:
        return _refused(Reason.NOT_A_DECISION, "nobody broke the glass here, or it was acknowledged: no review is owed")
    if all(policies.people.same(user, user_of(mark.by)) for mark in owed):
        return _refused(Reason.NOT_A_DECIDER, "who broke the glass does not review it: somebody else acknowledges it")
    if any(at < mark.at for mark in owed):
        return _refused(Reason.NOT_A_DECISION, _BEHIND)
    return _taken(Write.ACKNOWLEDGEMENT, APPROVE)
