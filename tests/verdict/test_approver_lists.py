"""Who is on a list is said by the username and the groups that the API server stamped, literally."""

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.verdict import Action
from tests.verdict.scenes import ANYONE, approval, asked, by_groups, by_users, decision, judge

ON: dict[str, tuple[Requirement, UserInfo]] = {
    "no list": (ANYONE, UserInfo("x")),
    "by group": (by_groups("dba"), UserInfo("x", "", ("dev", "dba"))),
    "by the second group": (by_groups("sre", "dba"), UserInfo("x", "", ("dba",))),
    "by username": (by_users("x"), UserInfo("x")),
}
OFF: dict[str, tuple[Requirement, UserInfo]] = {
    "no group": (by_groups("dba"), UserInfo("x")),
    "another group": (by_groups("dba"), UserInfo("x", "", ("dba2", "db"))),
    "the group in other letters": (by_groups("dba"), UserInfo("x", "", ("DBA",))),
    "system:masters": (by_groups("dba"), UserInfo("x", "", ("system:masters",))),
    "a user with the group's name": (by_groups("dba"), UserInfo("dba")),
    "a group with the user's name": (by_users("x"), UserInfo("y", "", ("x",))),
    "the user in other letters": (by_users("alice"), UserInfo("Alice")),
    "the user's uid": (by_users("u-alice"), UserInfo("alice", "u-alice")),
    "a user by what an extra says": (by_users("alice"), UserInfo("x", "", (), {"username": ("alice",)})),
}


@pytest.mark.parametrize("name", ON)
def test_counts(name: str) -> None:
    requirement, user = ON[name]
    of = asked(None, requirement)
    assert judge(of, approval(of, decision(user))).action is Action.CLAIM


@pytest.mark.parametrize("name", OFF)
def test_does_not_count(name: str) -> None:
    requirement, user = OFF[name]
    of = asked(None, requirement)
    assert judge(of, approval(of, decision(user))).reason is Reason.REQUIREMENT_UNMET


def test_who_is_off_the_list_now_does_not_count_any_more() -> None:
    """The list is today's; the groups are those of the moment of the decision."""
    stored = approval(asked(), decision(UserInfo("x", "", ("dev",))))
    assert judge(asked(None, by_groups("dev", "dba")), stored).action is Action.CLAIM
    assert judge(asked(None, by_groups("dba")), stored).reason is Reason.REQUIREMENT_UNMET
