"""What a policy asks for before a change may pass: who must approve, how many of them, and how long that holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from kubeapprove.identity import UserInfo
from kubeapprove.policies import Approval, Approver, ApproverKind
from kubeapprove.resources import ApproverMirror, RequirementMirror

PENDING_FOR: Final = timedelta(hours=24)
USE_WITHIN: Final = timedelta(hours=1)
UNBOUND_USE_WITHIN: Final = timedelta(minutes=5)
"""How long an approval may be used where nothing binds a uid: the place may hold something else by then."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule's demand. `approvers` is None where whoever holds the verb `approve` may; `rule` empty: no rule matched.

    `owners`: whose agent asks, where that is known. `use_within` counts from the decision with which today's
    requirements were all met.
    """

    policy: str = ""
    rule: str = ""
    count: int = 1
    approvers: tuple[Approver, ...] | None = None
    pending_for: timedelta = PENDING_FOR
    use_within: timedelta = USE_WITHIN
    allow_owner: bool = False
    owners: tuple[str, ...] = ()
    allow_cut: bool = False

    def lists(self, person: UserInfo) -> bool:
        """Whether somebody is on the list, by the username and groups that the API server stamped."""
        return self.approvers is None or any(_is(approver, person) for approver in self.approvers)

    def bound(self, *, binds_uid: bool) -> "Requirement":
        """Return the same for a change: short where nothing binds a uid."""
        return self if binds_uid else replace(self, use_within=min(self.use_within, UNBOUND_USE_WITHIN))

    @property
    def who(self) -> str:
        """Who may approve, in words."""
        if self.approvers is None:
            return "anyone who holds the verb approve"
        return " or ".join(f"{approver.kind.lower()} {approver.name}" for approver in self.approvers)

    def mirrored(self, missing: int) -> RequirementMirror:
        """Return what `status.requirements` says of it, for people."""
        listed = self.approvers
        return RequirementMirror(
            policy=self.policy,
            rule=self.rule,
            count=self.count,
            missing=missing,
            approvers=None if listed is None else tuple(ApproverMirror(kind=a.kind, name=a.name) for a in listed),
            allow_owner=True if self.allow_owner else None,
            owners=self.owners,
            use_within=self.use_within,
        )


def _is(approver: Approver, person: UserInfo) -> bool:
    if approver.kind is ApproverKind.GROUP:
        return approver.name in person.groups
    return approver.name == person.username


def required(policy: str, rule: str, terms: Approval | None) -> Requirement:
    """Return a rule's requirement; without terms one approval of anyone who holds the verb."""
    terms = terms or Approval()
    return Requirement(
        policy=policy,
        rule=rule,
        count=terms.count,
        approvers=terms.approvers,
        pending_for=terms.pending_for or PENDING_FOR,
        use_within=terms.use_within or USE_WITHIN,
        allow_owner=terms.allow_owner,
        allow_cut=terms.allow_cut,
    )


def from_mirror(mirrors: Sequence[RequirementMirror], *, binds_uid: bool) -> tuple[Requirement, ...]:
    """Return what the mirror in a status says, for people's eyes; the default where the gate wrote none yet."""
    if not mirrors:
        return (Requirement().bound(binds_uid=binds_uid),)
    return tuple(
        Requirement(
            policy=mirror.policy,
            rule=mirror.rule,
            count=mirror.count,
            approvers=_approvers(mirror.approvers),
            use_within=mirror.use_within or Requirement().bound(binds_uid=binds_uid).use_within,
            allow_owner=bool(mirror.allow_owner),
            owners=mirror.owners,
        )
        for mirror in mirrors
    )


def _approvers(mirrors: Iterable[ApproverMirror] | None) -> tuple[Approver, ...] | None:
    if mirrors is None:
        return None
    return tuple(Approver(kind=ApproverKind(mirror.kind), name=mirror.name) for mirror in mirrors)


def in_words(requirement: Requirement, missing: int) -> str:
    """Return what is still missing, as refusals and the CLI say it."""
    source = f"policy {requirement.policy}" + (f", rule {requirement.rule}" if requirement.rule else "")
    people = "approval" if requirement.count == 1 else "approvals"
    of = f" of {requirement.count}" if requirement.count > 1 else ""
    return f"{missing}{of} {people} by {requirement.who}" + (f" ({source})" if requirement.policy else "")
