"""C061, C063: a requirement of two is met by two people, never by two logins, groups or sessions of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from kubeapprove.identity import People, UserInfo
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Decision, Phase
from kubeapprove.verdict import Action
from tests.verdict.scenes import (
    AGENTS,
    ALICE,
    BOB,
    MINUTE,
    NOW,
    PEOPLE,
    approval,
    asked,
    by_groups,
    decision,
    judge,
    role,
)

TWO = Requirement(count=2)
ONE_PERSON: dict[str, Sequence[UserInfo]] = {
    "twice": (ALICE, ALICE),
    "twice, under two groups": (ALICE, replace(ALICE, groups=("security",))),
    "other letters (C063)": (UserInfo("Alice@example.com"), UserInfo("alice@EXAMPLE.com")),
    "by certificate and by OIDC (C063)": (UserInfo("alice"), UserInfo("alice", "sub-1", (), {"iss": ("oidc",)})),
    "two names, one uid": (UserInfo("alice", "u"), UserInfo("alice@example.com", "u")),
    "two sessions of one role (C061)": (role("admins", "s-1"), role("admins", "s-2")),
    "two logins that a third ties": (UserInfo("alice"), UserInfo("al", "u-al"), UserInfo("Alice", "u-al")),
    "two logins that a third tied before": (UserInfo("Alice", "u-al"), UserInfo("alice"), UserInfo("al", "u-al")),
    "a chain of four": (
        UserInfo("a", "1"),
        UserInfo("d", "3"),
        UserInfo("b", "1", (), {"canonicalArn": ("arn:aws:iam::111122223333:user/b",)}),
        UserInfo("d", "4", (), {"canonicalArn": ("arn:aws:iam::111122223333:user/b",)}),
    ),
}


@pytest.mark.parametrize("name", ONE_PERSON)
def test_logins_of_one_are_not_two_people(name: str) -> None:
    of = asked(None, TWO)
    logins = ONE_PERSON[name]
    stored = approval(of, *(decision(login, NOW + MINUTE * index) for index, login in enumerate(logins)))
    verdict = judge(of, stored, NOW + 5 * MINUTE)
    assert verdict.action is Action.DENY
    assert verdict.standing is not None
    assert (verdict.standing.phase, verdict.standing.missing) == (Phase.PENDING, (1,))
    with_bob = approval(of, *(decision(login) for login in logins), decision(BOB))
    assert judge(of, with_bob).action is Action.CLAIM


ON_LIST = (UserInfo("alice", "", ("dba",)), UserInfo("al", "u-al", ("dba",)))
TIE = UserInfo("Alice", "u-al")


@pytest.mark.parametrize("at", [NOW - MINUTE, NOW + MINUTE], ids=["before", "after"])
def test_who_is_on_no_list_ties_two_who_are(at: datetime) -> None:
    of = asked(None, by_groups("dba", count=2))
    first, second = map(decision, ON_LIST)
    assert judge(of, approval(of, first, second)).action is Action.CLAIM
    assert judge(of, approval(of, first, second, decision(TIE, at)), NOW + MINUTE).action is Action.DENY


def test_who_lost_the_verb_ties_two_who_hold_it() -> None:
    of = asked(None, TWO)

    def may(one: Decision) -> bool:
        return one.by.username != TIE.username

    stored = approval(of, *map(decision, ON_LIST), decision(TIE))
    assert judge(of, stored, may=may).action is Action.DENY


def test_two_people_meet_it_when_the_second_decides() -> None:
    of = asked(None, TWO)
    stored = approval(of, decision(ALICE), decision(ALICE, NOW + MINUTE), decision(BOB, NOW + 2 * MINUTE))
    verdict = judge(of, stored, NOW + 3 * MINUTE)
    assert verdict.standing is not None
    assert (verdict.action, verdict.standing.met_at) == (Action.CLAIM, NOW + 2 * MINUTE)


NAMED = People(AGENTS, frozenset({"arn:aws:iam::111122223333:role/people"}))
# Of the role whose session names the identity provider sets (C061): who they are, and whether they are two.
SESSIONS: dict[str, tuple[UserInfo, UserInfo, bool]] = {
    "two names": (role("people", "alice"), role("people", "bob"), True),
    "two names, one username and uid of the role": (
        role("people", "alice", username="people", uid="AROA"),
        role("people", "bob", username="people", uid="AROA"),
        True,
    ),
    "one name": (role("people", "alice", username="a"), role("people", "alice", username="b"), False),
    "one name in other letters": (role("people", "alice"), role("people", "Alice"), False),
    "no name that could tell them apart": (role("people", "alice"), role("people"), False),
    "two names of another role": (role("others", "alice"), role("others", "bob"), False),
    "two names of that role elsewhere": (
        role("people", "alice", account="444455556666"),
        role("people", "bob", account="444455556666"),
        False,
    ),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions_of_a_named_role(name: str) -> None:
    one, other, are_two = SESSIONS[name]
    of = asked(None, TWO, people=NAMED)
    assert (judge(of, approval(of, decision(one), decision(other))).action is Action.CLAIM) == are_two
    unnamed = asked(None, TWO, people=PEOPLE)
    assert judge(unnamed, approval(unnamed, decision(one), decision(other))).action is Action.DENY
