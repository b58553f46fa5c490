"""An independent, naive word on whether a change may pass now: written from the design, with no rule of core in it.

Who is which person is written down here by hand, not found out; a policy is a few numbers; what was decided is what the
machine saw accepted. Times are those that were stamped, and `now` is the clock of the replica that is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kubeapprove.identity import Agent, AgentKind, UserInfo
from kubeapprove.policies import Approver, ApproverKind, RuleAction
from kubeapprove.requirements import Requirement
from kubeapprove.ruling import CompiledRule, Policies, Policy
from tests.verdict.scenes import MINUTE, NOW

BOT = UserInfo("bot", "u-bot", ("agents", "system:masters"))
CI = UserInfo("system:serviceaccount:ci:ci", "u-ci", ("system:serviceaccounts", "system:serviceaccounts:ci"))
ALICE = UserInfo("alice", "u-alice", ("approvers",))
ALICE_BY_CERTIFICATE = UserInfo("al", "u-alice", ("security",))
ALICE_ELSEWHERE = UserInfo("Alice", "", ("approvers", "security"))
BOB = UserInfo("bob", "u-bob", ("approvers", "security"))
OLGA = UserInfo("olga", "u-olga", ("approvers",))
BOT_AS_HUMAN = UserInfo("robert", "u-bot", ("approvers", "security"))
ARGO = UserInfo("system:serviceaccount:argocd:controller", "u-argo", ("system:masters",))

AGENTS = (BOT, CI)
PEOPLE = (ALICE, ALICE_BY_CERTIFICATE, ALICE_ELSEWHERE, BOB, OLGA)
NEVER = (BOT, CI, BOT_AS_HUMAN, ARGO)


@dataclass(frozen=True)
class Need:
    """One requirement in numbers; `groups` empty: anyone."""

    count: int = 1
    groups: tuple[str, ...] = ()
    minutes: int = 60
    owner_may: bool = False


@dataclass(frozen=True)
class Edition:
    """What the policies say for a while: what is needed, whom the bot works for, who else is an agent, until when."""

    needs: tuple[Need, ...] = (Need(),)
    owner: str = ""
    also_agents: tuple[str, ...] = ()
    ci_until: datetime = NOW + 90 * MINUTE

    def policies(self) -> Policies:
        """Return them as core has them: a policy for each need, all about the same agents."""
        agents = (
            Agent(AgentKind.GROUP, "agents", owner=self.owner),
            Agent(AgentKind.SERVICE_ACCOUNT, "ci", "ci", until=self.ci_until),
            *(Agent(AgentKind.USER, name) for name in self.also_agents),
        )
        return Policies(
            [Policy(f"p-{index}", agents, (_rule(need, f"p-{index}"),)) for index, need in enumerate(self.needs)]
        )


def _rule(need: Need, policy: str) -> CompiledRule:
    listed = tuple(Approver(kind=ApproverKind.GROUP, name=group) for group in need.groups)
    requirement = Requirement(
        policy=policy,
        rule="all",
        count=need.count,
        approvers=listed or None,
        use_within=timedelta(minutes=need.minutes),
        allow_owner=need.owner_may,
    )
    return CompiledRule("all", RuleAction.REQUIRE_APPROVAL, requirement)


EDITIONS = (
    Edition(),
    Edition((Need(2),)),
    Edition((Need(groups=("approvers",)), Need(groups=("security",), minutes=20))),
    Edition((Need(2, ("security",)),)),
    Edition((Need(minutes=3),)),
    Edition(owner="olga"),
    Edition((Need(owner_may=True),), owner="olga"),
    Edition((Need(owner_may=True), Need(groups=("approvers",))), owner="OLGA"),
    Edition(also_agents=("alice",)),
    Edition((Need(2),), also_agents=("bob",)),
)


@dataclass(frozen=True)
class Word:
    """One decision as the machine saw it taken."""

    by: UserInfo
    is_approval: bool
    at: datetime
    breaks_glass: bool


@dataclass
class Life:
    """What is known of one approval, from the day it was asked for."""

    requester: UserInfo
    what: str
    pending_until: datetime
    binds_uid: bool
    words: list[Word] = field(default_factory=list)
    is_revoked: bool = False
    is_claimed: bool = False
    stored: int = 0


def person_of(login: UserInfo, life: Life) -> str:
    """Return who somebody is: alice has three logins, and only the first ties the others together once it was seen."""
    seen = [word.by for word in life.words]
    is_alice = login == ALICE or (login in (ALICE_BY_CERTIFICATE, ALICE_ELSEWHERE) and ALICE in seen)
    return "alice" if is_alice else login.username


@dataclass(frozen=True)
class Today:
    """What is true now: the policies, who holds which verb, and the replica's clock."""

    edition: Edition
    rights: frozenset[tuple[str, str]]
    now: datetime


def may_pass(life: Life, today: Today) -> bool:
    """Whether the change may pass for the first time."""
    if life.is_claimed or life.is_revoked or not all(word.is_approval for word in life.words):
        return False
    end = _end(life, today)
    return end is not None and today.now <= end


def _end(life: Life, today: Today) -> datetime | None:
    """Return the last moment of what people approved: try every decision as the one with which it was enough."""
    for moment in sorted(word.at for word in life.words):
        words = [word for word in life.words if word.at <= moment]
        if _is_enough(words, life, today):
            shortest = min(need.minutes for need in today.edition.needs)
            return moment + timedelta(minutes=shortest if life.binds_uid else min(shortest, 5))
    return None


def _is_enough(words: Sequence[Word], life: Life, today: Today) -> bool:
    if any(word.breaks_glass and _counts(word, life, today, owner_may=False) for word in words):
        return True
    return all(len(_people(words, need, life, today)) >= need.count for need in today.edition.needs)


def _people(words: Iterable[Word], need: Need, life: Life, today: Today) -> set[str]:
    return {
        person_of(word.by, life)
        for word in words
        if not word.breaks_glass
        and (not need.groups or set(need.groups) & set(word.by.groups))
        and _counts(word, life, today, owner_may=need.owner_may)
    }


def _counts(word: Word, life: Life, today: Today, *, owner_may: bool) -> bool:
    person = person_of(word.by, life)
    verb = "breakglass" if word.breaks_glass else "approve"
    # What excludes one of the logins that somebody used here excludes them all.
    logins = {one.by.username.lower() for one in life.words if person_of(one.by, life) == person}
    return (
        word.at <= life.pending_until
        and (word.by.username, verb) in today.rights
        and word.by not in (BOT, CI, ARGO)
        and not (word.by == BOT_AS_HUMAN and life.requester == BOT)
        and not logins & set(today.edition.also_agents)
        and (owner_may or person != owner_of(life.requester, today.edition))
    )


def owner_of(requester: UserInfo, edition: Edition) -> str:
    """Return the person whom an agent works for; only the bot has one."""
    return edition.owner.lower() if requester == BOT else ""
