"""The verdict: what becomes of one change, given the policies and the approval that its name leads to.

`decide` is pure; the webhook does what it says and asks again where it must. The order of the rules is the design's:
reading, never, who may ask at all, nothing stored, nothing changed, the policies, and then the approval of this hash
and this requester. Any error on the way to allow is a deny, made by the caller of this module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from kubeapprove.canonical import digest
from kubeapprove.change import Change, read_document
from kubeapprove.identity import People
from kubeapprove.lifecycle import Standing, claim_of, countable, standing, user_of
from kubeapprove.never import gives_reason, never
from kubeapprove.policies import RuleAction
from kubeapprove.raw import as_map
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.request import Operation, Request
from kubeapprove.requirements import Requirement, in_words
from kubeapprove.resources import MAX_OWNERS, Claim, Decision, DecisionVerdict, ManifestApproval, Phase, format_time
from kubeapprove.ruling import Policies, Ruling
from kubeapprove.settings import Settings


class Action(StrEnum):
    """What the webhook does with a verdict. Only CLAIM and PASS_AGAIN need a write before they become an allow."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask"
    CLAIM = "claim"
    PASS_AGAIN = "pass again"  # noqa: S105 (an action)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A value with a reason from one list, never a bare boolean. `ended` is the standing of what ASK would replace."""

    action: Action
    reason: Reason
    detail: str = ""
    standing: Standing | None = None
    ended: Phase | None = None

    @property
    def sentence(self) -> str:
        """The reason in words, with what is particular to this case."""
        return self.detail or SENTENCES[self.reason]


# The authorization and authentication groups' reviews: questions to the API server.
_REVIEWS = frozenset(
    {
        ("authorization.k8s.io", "localsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
        ("authorization.k8s.io", "subjectaccessreviews"),
        ("authentication.k8s.io", "selfsubjectreviews"),
        ("authentication.k8s.io", "tokenreviews"),
    }
)


def before_change(request: Request, settings: Settings, policies: Policies | None, now: datetime) -> Verdict | None:
    """Judge what needs no change: the never-list, who may ask at all, a reason given, reviews. None: go on.

    `policies` is None where nobody knows what they say now.
    """
    if (sentence := never(request, settings)) is not None:
        return Verdict(Action.DENY, Reason.NEVER_ALLOWED, sentence)
    if policies is None:
        return Verdict(Action.DENY, Reason.POLICY_UNKNOWN)
    if not policies.naming(request.user):
        return Verdict(Action.DENY, Reason.NOT_ENROLLED)
    if (ended := policies.ended(request.user, now)) is not None:
        name, until = ended
        detail = f"policy {name} let the caller ask until {format_time(until)[:19]}Z; ask a person to renew it"
        return Verdict(Action.DENY, Reason.NO_LONGER_ELIGIBLE, detail)
    if gives_reason(request, settings):
        return Verdict(Action.ALLOW, Reason.REASON_GIVEN)
    resource = (request.resource.group, request.resource.resource)
    if resource in _REVIEWS and request.operation is Operation.CREATE and not request.subresource:
        return Verdict(Action.ALLOW, Reason.STORES_NOTHING)
    return None


def no_change(request: Request, change: Change) -> Verdict | None:
    """Judge an update that changes nothing. None: go on."""
    # A Scale shows no managedFields: who owns the number may change unseen, and refuse other people's applies.
    if change.is_nothing and request.subresource != "scale":
        return Verdict(Action.ALLOW, Reason.NO_CHANGE)
    return None


def by_ruling(ruling: Ruling | None, change: Change) -> Verdict | None:
    """Judge a change by what the policies say, and what no approver could be shown. None: it needs an approval."""
    if ruling is None:
        return Verdict(Action.DENY, Reason.NOT_ENROLLED)
    if ruling.action is RuleAction.ALLOW:
        return Verdict(Action.ALLOW, Reason.ALLOWED_BY_POLICY, ruling.sentence)
    if ruling.observed:
        return Verdict(Action.ALLOW, Reason.OBSERVED, _observed(ruling))
    if ruling.action is RuleAction.DENY:
        return Verdict(Action.DENY, Reason.POLICY_DENIED, ruling.sentence)
    if change.cut and not all(requirement.allow_cut for requirement in ruling.requirements):
        return Verdict(
            Action.DENY,
            Reason.TOO_LARGE,
            f"the text at {change.cut[0]} is longer than 128 KiB, an approver would not see all of it, and no rule "
            "allows that; split it into smaller values",
        )
    if change.is_too_large:
        return Verdict(
            Action.DENY,
            Reason.TOO_LARGE,
            "the change is over 1 MiB as an approval stores it; split it into smaller ones",
        )
    return None


def _observed(ruling: Ruling) -> str:
    if ruling.action is RuleAction.DENY:
        return f"once the policy enforces, it is refused: {ruling.sentence}"
    asked = " and ".join(in_words(requirement, requirement.count) for requirement in ruling.requirements)
    return f"once the policy enforces, it needs {asked}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The change that somebody asks to make now, what policies require of it now, and who is who now."""

    request: Request
    change: Change
    requirements: tuple[Requirement, ...]
    people: People

    @classmethod
    def of(cls, request: Request, change: Change, ruling: Ruling, people: People) -> "Asked":
        """Return what is asked where the policies require approval."""
        owners = people.owners(request.user)[:MAX_OWNERS]
        bound = tuple(
            replace(requirement.bound(binds_uid=change.binds_uid), owners=owners) for requirement in ruling.requirements
        )
        return cls(request, change, bound, people)


def read_approval(raw: Mapping[str, Any]) -> ManifestApproval | Verdict:
    """Read a stored approval; one that this version does not understand decides nothing, but a Denied in it holds."""
    try:
        return ManifestApproval.parse(raw)
    except ValidationError:
        if any(as_map(entry).get("verdict") == DecisionVerdict.DENIED for entry in _decisions(raw).values()):
            return Verdict(Action.DENY, Reason.APPROVAL_DENIED)
        return Verdict(Action.ASK, Reason.APPROVAL_REQUIRED, ended=Phase.INVALID)


def _decisions(raw: Mapping[str, Any]) -> dict[str, Any]:
    return as_map(as_map(raw.get("spec")).get("decisions"))


def to_review(approval: ManifestApproval, asked: Asked) -> dict[str, Decision]:
    """Return the approving decisions that could count: for each, the webhook asks whether its maker still may."""
    could = countable(approval, asked.requirements, asked.people, asked.request.user)
    return {key: approval.spec.decisions[key] for key in could}


def decide(asked: Asked, approval: ManifestApproval | None, may: Callable[[Decision], bool], now: datetime) -> Verdict:
    """Judge the approval of this hash and this requester. `may` says whether a decision's maker still holds its verb.

    Does not look at `status.phase`. None stands for an approval that does not exist.
    """
    if approval is None:
        return Verdict(Action.ASK, Reason.APPROVAL_REQUIRED)
    where = standing(
        approval,
        now=now,
        requirements=asked.requirements,
        people=asked.people,
        may=may,
        now_as=(asked.request.user,),
    )
    if where.phase is Phase.DENIED:
        return _denied(where)
    if approval.metadata.deletion_timestamp is not None:
        return Verdict(Action.DENY, Reason.APPROVAL_REVOKED, "the approval is being deleted, which revokes it")
    if not _is_for(approval, asked):
        return Verdict(Action.ASK, Reason.APPROVAL_REQUIRED, ended=Phase.INVALID)
    return _by_phase(asked, approval, where, now)


def bounded(verdict: Verdict, waiting: int, most: int) -> Verdict:
    """Return a refusal instead of one more request where `waiting` others of the same requester wait already.

    Only asking is bounded: what was asked for before is decided, used and asked about as ever.
    """
    if verdict.action is not Action.ASK or waiting < most:
        return verdict
    detail = (
        f"{waiting} other requests of this agent wait for people, and {most} is the most; wait until some are decided "
        "or expire, or have a person delete what is no longer wanted: `kubectl approve list -A` shows them"
    )
    return Verdict(Action.DENY, Reason.TOO_MANY_PENDING, detail)


def _denied(where: Standing) -> Verdict:
    first = where.decided[0]
    detail = f"{first.by.username} denied this change: {' '.join(first.reason.split())}"
    return Verdict(Action.DENY, Reason.APPROVAL_DENIED, detail, where)


def _by_phase(asked: Asked, approval: ManifestApproval, where: Standing, now: datetime) -> Verdict:
    match where.phase:
        case Phase.PENDING if approval.spec.decisions:
            return Verdict(Action.DENY, Reason.REQUIREMENT_UNMET, _unmet(asked, where), standing=where)
        case Phase.PENDING:
            return Verdict(Action.DENY, Reason.APPROVAL_PENDING, standing=where)
        case Phase.APPROVED:
            return Verdict(Action.CLAIM, Reason.APPROVED, standing=where)
        case Phase.CONSUMED if (claim := claim_of(approval)) is not None and _passes_again(asked, where, claim, now):
            return Verdict(Action.PASS_AGAIN, Reason.APPROVED, standing=where)
        case _:
            return Verdict(Action.ASK, Reason.APPROVAL_REQUIRED, standing=where, ended=where.phase)


def _unmet(asked: Asked, where: Standing) -> str:
    pairs = zip(asked.requirements, where.missing, strict=True)
    return "still missing: " + " and ".join(in_words(requirement, lacks) for requirement, lacks in pairs if lacks)


def _is_for(approval: ManifestApproval, asked: Asked) -> bool:
    """Whether the approval really is of this change and this requester; its text is hashed where it is not the same."""
    spec = approval.spec
    if spec.manifest_hash != asked.change.hash:
        return False
    if asked.people.key(user_of(spec.requester)) != asked.people.key(asked.request.user):
        return False
    if spec.change == asked.change.text:
        return True
    try:
        return digest(read_document(spec.change)) == asked.change.hash
    except ValueError:  # unreadable, or without canonical bytes
        return False


def _passes_again(asked: Asked, where: Standing, claim: Claim, now: datetime) -> bool:
    """Whether a claimed approval passes once more: only where the first pass provably was not stored.

    An UPDATE while the object is the one that was claimed for: its generation where the claimed request would have
    raised it, else its resourceVersion. A DELETE of a uid within its time. Everything else never.

    Where a generation was recorded, the retry has to raise it as well: one that was stored without raising it would
    leave the mark true for ever. (Today's API server alone says what an update raises; this does not rest on it.)
    """
    request = asked.request
    # `until` is None where no decision counts any more. CREATE and CONNECT bind no uid.
    if where.until is None or now > where.until or not asked.change.binds_uid:
        return False
    if request.operation is Operation.DELETE:
        return True
    if claim.generation is not None:
        return _raised_generation(request) == claim.generation
    return claim.object_version != "" and _old_version(request) == claim.object_version


def claim_for(request: Request, now: datetime) -> Claim:
    """Return the mark of this request: what its retry must still find to pass again."""
    return Claim(
        request_uid=request.uid,
        at=now,
        object_version=_old_version(request),
        generation=_raised_generation(request),
    )


def _old_version(request: Request) -> str:
    version = as_map((request.old_object or {}).get("metadata")).get("resourceVersion")
    return version if type(version) is str else ""


def _raised_generation(request: Request) -> int | None:
    """Return the old object's generation where this UPDATE raises it, else None. The API server never lowers one."""
    if request.operation is not Operation.UPDATE:
        return None
    old, new = (as_map((body or {}).get("metadata")).get("generation") for body in (request.old_object, request.object))
    return old if type(old) is int and type(new) is int and new > old else None
