"""The life of an approval: one function says where it stands at a moment, for webhook, CLI and operator alike.

The rules, in their order; the first that holds is the answer:
* Denied: any decision says Denied, unjudged and whoever made it. It holds, even after expiry.
* Revoked: `spec.revoked` is set, or the approval is being deleted (nobody's finalizer keeps it usable).
* Consumed: a request has claimed it. (Whether that request may pass again is the verdict's matter.)
* Approved: as many different people as required approved, in time; until `use_within` after the earliest decision
  with which the requirement was met. Later decisions never extend it.
* Expired: that time is over, or nobody decided before `pendingUntil`; a decision after it counts for nothing.
* Pending: otherwise.

`status.phase` is never read: it is a mirror of this for people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kubeapprove.change import read_document
from kubeapprove.identity import UserInfo, same_person
from kubeapprove.resources import By, Claim, Decision, DecisionVerdict, ManifestApproval, Phase, Requester
from kubeapprove.settings import Settings
from kubeapprove.strictjson import UnreadableError


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an approval stands. `until` is the end of what it now waits for; `met_at` when the requirement was met."""

    phase: Phase
    until: datetime | None = None
    met_at: datetime | None = None
    decided: tuple[Decision, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether decisions are still taken."""
        return self.phase in (Phase.PENDING, Phase.APPROVED)


def user_of(who: Requester | By) -> UserInfo:
    """Return a stored identity as one that can be compared."""
    groups = who.groups if isinstance(who, Requester) else ()
    return UserInfo(who.username, who.uid, groups, who.extra)


def in_time(approval: ManifestApproval, decision: Decision) -> bool:
    """Whether a decision is about this very approval and was made before the asking ended."""
    return decision.for_ == approval.metadata.uid and decision.at <= approval.spec.pending_until


def use_within_of(approval: ManifestApproval, settings: Settings) -> timedelta:
    """How long an approval may be used once its requirement is met: short where its change binds no uid."""
    try:
        binds_uid = bool(read_document(approval.spec.change).get("uid"))
    except UnreadableError:
        binds_uid = False
    return settings.use_within_for(binds_uid=binds_uid)


def claim_of(approval: ManifestApproval) -> Claim | None:
    """Return the mark of the request that used the approval, or None."""
    return approval.status.claim if approval.status is not None else None


def standing(
    approval: ManifestApproval,
    *,
    now: datetime,
    use_within: timedelta,
    counts: Callable[[Decision], bool],
    count: int = 1,
) -> Standing:
    """Return where `approval` stands at `now`. `counts` judges one approving decision that is in time."""
    decisions = sorted(approval.spec.decisions.values(), key=lambda decision: decision.at)
    denied = tuple(decision for decision in decisions if decision.verdict is DecisionVerdict.DENIED)
    if denied:
        return Standing(Phase.DENIED, decided=denied)
    if approval.spec.revoked is not None or approval.metadata.deletion_timestamp is not None:
        return Standing(Phase.REVOKED)
    valid = [decision for decision in decisions if in_time(approval, decision) and counts(decision)]
    met_at = _met_at(valid, count)
    if claim_of(approval) is not None:
        return Standing(Phase.CONSUMED, None if met_at is None else met_at + use_within, met_at, tuple(valid))
    until = approval.spec.pending_until if met_at is None else met_at + use_within
    if now > until:
        return Standing(Phase.EXPIRED, until, met_at, tuple(valid))
    return Standing(Phase.PENDING if met_at is None else Phase.APPROVED, until, met_at, tuple(valid))


def _met_at(decisions: list[Decision], count: int) -> datetime | None:
    """When the requirement was first met: one person counts once, however many decisions they made."""
    people: list[UserInfo] = []
    for decision in decisions:
        person = user_of(decision.by)
        if not any(same_person(person, other) for other in people):
            people.append(person)
        if len(people) == count:
            return decision.at
    return None
