"""C061, C063: a requirement of two is met by two people, never by two logins of one."""

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import standing
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Phase
from tests.verdict.scenes import ALICE, BOB, MINUTE, NOW, PEOPLE, approval, decision

TWO = Requirement(count=2)
ROLE = {"canonicalArn": ("arn:aws:iam::111122223333:role/admins",)}
ONE_PERSON = {
    "twice": (ALICE, ALICE),
    "other letters": (UserInfo("Alice@example.com"), UserInfo("alice@EXAMPLE.com")),
    "two names, one uid": (UserInfo("alice", "u"), UserInfo("alice@example.com", "u")),
    "two sessions of one role": (UserInfo("s-1", "", (), ROLE), UserInfo("s-2", "", (), ROLE)),
}


@pytest.mark.parametrize("name", ONE_PERSON)
def test_two_logins_are_not_two_people(name: str) -> None:
    one, other = ONE_PERSON[name]
    of = approval(None, decision(one), decision(other, NOW + MINUTE))
    where = standing(of, now=NOW + MINUTE, requirements=[TWO], people=PEOPLE)
    assert (where.phase, where.met_at) == (Phase.PENDING, None)


def test_two_people_meet_it_when_the_second_decides() -> None:
    of = approval(None, decision(ALICE), decision(ALICE, NOW + MINUTE), decision(BOB, NOW + 2 * MINUTE))
    where = standing(of, now=NOW + 3 * MINUTE, requirements=[TWO], people=PEOPLE)
    assert (where.phase, where.met_at, where.is_open) == (Phase.APPROVED, NOW + 2 * MINUTE, True)
