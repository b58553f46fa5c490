"""The life of an approval: one function says where it stands at a moment, for webhook, CLI and operator alike.

The rules, in their order; the first that holds is the answer:
* Denied: any decision says Denied, unjudged and whoever made it. It holds, even after expiry.
* Revoked: `spec.revoked` is set, or the approval is being deleted (nobody's finalizer keeps it usable).
* Consumed: a request has claimed it. (Whether that request may pass again is the verdict's matter.)
* Approved: every requirement is met, in time; until `use_within` after the earliest decision with which they all were.
  Later decisions never extend it.
* Expired: that time is over, or the requirements were not met before `pendingUntil`; a decision after it counts for
  nothing.
* Pending: otherwise.

A requirement is met by as many different people as it asks for, on its list; one person counts once, however many
decisions, groups or logins they have. A decision counts where it is for this very approval and in time, and where its
maker is no controller, no agent and not the requester, nor the agent's owner (unless the requirement says so), and
still holds the verb (`may`: asked at use, and by nobody else). Broken glass stands for list and count of every
requirement, and for nothing else.

Two logins that a third one ties together are one person, whoever that third one is: also where its own decision counts
for nothing. What excludes one login of a person excludes them all.

`status.phase` is never read: it is a mirror of this for people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kubeapprove.change import read_document
from kubeapprove.identity import Agent, AgentKind, People, UserInfo, is_controller
from kubeapprove.requirements import Requirement, from_mirror
from kubeapprove.resources import By, Claim, Decision, DecisionVerdict, ManifestApproval, Owed, Phase, Requester
from kubeapprove.strictjson import UnreadableError

APPROVE: Final = "approve"
BREAK_GLASS: Final = "breakglass"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an approval stands. `until` is the end of what it now waits for; `met_at` when all requirements were met.

    `missing` says for each requirement how many people it still lacks; `decided` are the decisions that count.
    """

    phase: Phase
    until: datetime | None = None
    met_at: datetime | None = None
    decided: tuple[Decision, ...] = ()
    missing: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether decisions are still taken."""
        return self.phase in (Phase.PENDING, Phase.APPROVED)


def user_of(who: Requester | By) -> UserInfo:
    """Return a stored identity as one that can be compared."""
    groups = who.groups if isinstance(who, Requester) else ()
    return UserInfo(who.username, who.uid, groups, who.extra)


def decider(decision: Decision) -> UserInfo:
    """Return who made a decision, with the groups that the API server stamped."""
    by = user_of(decision.by)
    return UserInfo(by.username, by.uid, decision.groups, by.extra)


def verb_of(decision: Decision) -> str:
    """Return the verb that a decision's maker must hold, at write and at use."""
    return BREAK_GLASS if decision.break_glass else APPROVE


def in_time(approval: ManifestApproval, decision: Decision) -> bool:
    """Whether a decision is about this very approval and was made before the asking ended."""
    return decision.for_ == approval.metadata.uid and decision.at <= approval.spec.pending_until


def requirements_of(approval: ManifestApproval) -> tuple[Requirement, ...]:
    """Return what the mirror in its status says is required: for people's eyes, never for a verdict."""
    try:
        binds_uid = bool(read_document(approval.spec.change).get("uid"))
    except UnreadableError:
        binds_uid = False
    return from_mirror(() if approval.status is None else approval.status.requirements, binds_uid=binds_uid)


def people_of(approval: ManifestApproval) -> People:
    """Return who is who as far as the approval tells: for who may not read policies, and never for a verdict."""
    requester = approval.spec.requester.username
    owners = dict.fromkeys(owner for requirement in requirements_of(approval) for owner in requirement.owners)
    return People(tuple(Agent(AgentKind.USER, requester, owner=owner) for owner in owners))


def claim_of(approval: ManifestApproval) -> Claim | None:
    """Return the mark of the request that used the approval, or None."""
    return approval.status.claim if approval.status is not None else None


def may_decide(decider: UserInfo, requester: UserInfo, people: People, *, allow_owner: bool = False) -> str | None:
    """Return why somebody may not decide on a requester's change, None where the access review has the last word."""
    if is_controller(decider):
        return "controllers and ServiceAccounts never decide, whatever they are granted"
    if people.is_agent(decider):
        return "agents never decide"
    if people.same(decider, requester):
        return "nobody decides on a change that they asked for"
    if not allow_owner and people.owns(decider, requester):
        return "nobody decides on a change that their own agent asked for"
    return None


def countable(
    approval: ManifestApproval, requirements: Sequence[Requirement], people: People, *now_as: UserInfo
) -> dict[str, tuple[Requirement, ...]]:
    """Return the approving decisions that could count, by id, each with the requirements that it could count for.

    `now_as`: the requester as authenticated now, where that is known beside what the approval says.
    """
    requesters = (user_of(approval.spec.requester), *now_as)
    persons = _persons(approval, people, *requesters)
    result = {}
    for key, decision in approval.spec.decisions.items():
        if decision.verdict is not DecisionVerdict.APPROVED or not in_time(approval, decision):
            continue
        if decision.signature is not None:
            continue
        logins = _person(persons, decision)
        if fits := tuple(r for r in requirements if _fits(decision, logins, r, requesters, people)):
            result[key] = fits
    return result


def _fits(
    decision: Decision,
    logins: Sequence[UserInfo],
    requirement: Requirement,
    requesters: Sequence[UserInfo],
    people: People,
) -> bool:
    allow_owner = requirement.allow_owner and not decision.break_glass
    for login in logins:
        if any(may_decide(login, requester, people, allow_owner=allow_owner) is not None for requester in requesters):
            return False
    return bool(decision.break_glass) or requirement.lists(decider(decision))


Person = tuple[UserInfo, ...]


def _persons(approval: ManifestApproval, people: People, *others: UserInfo) -> list[Person]:
    """Return everybody whom the approval knows, each with all their logins: decisions say who somebody is for ever."""
    persons: list[Person] = []
    for login in (*others, *map(decider, approval.spec.decisions.values())):
        tied = [person for person in persons if any(people.same(login, other) for other in person)]
        persons = [person for person in persons if person not in tied]
        persons.append((login, *(other for person in tied for other in person)))
    return persons


def _person(persons: Sequence[Person], decision: Decision) -> Person:
    login = decider(decision)
    return next(person for person in persons if login in person)


def standing(
    approval: ManifestApproval,
    *,
    now: datetime,
    requirements: Sequence[Requirement],
    people: People,
    may: Callable[[Decision], bool] = lambda _: True,
    now_as: Sequence[UserInfo] = (),
) -> Standing:
    """Return where `approval` stands at `now`. `may`: whether a decision's maker still holds its verb."""
    decisions = approval.spec.decisions
    by_time = sorted(decisions, key=lambda key: decisions[key].at)
    denied = tuple(decisions[key] for key in by_time if decisions[key].verdict is DecisionVerdict.DENIED)
    if denied:
        return Standing(Phase.DENIED, decided=denied)
    if approval.spec.revoked is not None or approval.metadata.deletion_timestamp is not None:
        return Standing(Phase.REVOKED)
    could = countable(approval, requirements, people, *now_as)
    counting = {key: could[key] for key in by_time if key in could and may(decisions[key])}
    valid = tuple(decisions[key] for key in counting)
    persons = _persons(approval, people)
    met_at, missing = _met(decisions, counting, requirements, persons)
    use_within = min((requirement.use_within for requirement in requirements), default=timedelta(0))
    until = approval.spec.pending_until if met_at is None else met_at + use_within
    if claim_of(approval) is not None:
        return Standing(Phase.CONSUMED, None if met_at is None else until, met_at, valid, missing)
    if now > until:
        return Standing(Phase.EXPIRED, until, met_at, valid, missing)
    return Standing(Phase.PENDING if met_at is None else Phase.APPROVED, until, met_at, valid, missing)


def _met(
    decisions: dict[str, Decision],
    counting: dict[str, tuple[Requirement, ...]],
    requirements: Sequence[Requirement],
    persons: Sequence[Person],
) -> tuple[datetime | None, tuple[int, ...]]:
    """Return when all requirements were met, and how many people each one lacks. `counting` is ordered by time."""
    broken = [decisions[key].at for key in counting if decisions[key].break_glass]
    moments, missing = [], []
    for requirement in requirements:
        fitting = [decisions[key] for key, fits in counting.items() if any(fit is requirement for fit in fits)]
        at, lacks = _enough(fitting, requirement.count, persons)
        moments.append(at)
        missing.append(lacks)
    met = [max(at for at in moments if at is not None)] if moments and None not in moments else []
    if broken:
        return min([*broken, *met]), tuple(0 for _ in missing)
    return (met[0] if met else None), tuple(missing)


def _enough(decisions: Sequence[Decision], count: int, persons: Sequence[Person]) -> tuple[datetime | None, int]:
    """Return when `count` different people had decided, and how many are missing: one person counts once."""
    seen: list[Person] = []
    for decision in decisions:
        if (person := _person(persons, decision)) not in seen:
            seen.append(person)
        if len(seen) == count:
            return decision.at, 0
    return None, count - len(seen)


def owed_by(approval: ManifestApproval, people: People) -> tuple[Owed, ...]:
    """Return the glass that was broken here or before, and that nobody else has acknowledged since."""
    spec = approval.spec
    own = tuple(
        Owed(uid=approval.metadata.uid or decision.for_, by=decision.by, at=decision.at, reason=decision.reason)
        for decision in spec.decisions.values()
        if decision.break_glass
    )
    inherited = spec.previous.owed if spec.previous is not None else ()
    marks, words = (*inherited, *own), tuple(spec.acknowledgements.values())
    logins = [user_of(mark.by) for mark in marks] + [user_of(word.by) for word in words]
    persons = _persons(approval, people, *logins) if words else []

    def is_reviewed(mark: Owed) -> bool:
        same = next((person for person in persons if user_of(mark.by) in person), ())
        return any(word.at >= mark.at and user_of(word.by) not in same for word in words)

    return tuple(mark for mark in marks if not is_reviewed(mark))
