"""What a rule asks for: its terms and their defaults, who is on the list, and the mirror that people see of it."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.requirements import Requirement, from_mirror, in_words
from kubeapprove.resources import RequirementMirror
from tests.policies import scenes

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LISTED = [{"kind": "Group", "name": "platform"}, {"kind": "User", "name": "alice"}]


def requirement(**approval: Any) -> Requirement:
    """Return what a rule asks for with these terms."""
    (found,) = scenes.ruling(scenes.request(), scenes.policy(scenes.asks(approval=approval))).requirements
    return found


def test_what_is_not_said_has_its_default() -> None:
    assert requirement() == Requirement(
        policy="p",
        rule="asks",
        count=1,
        approvers=None,
        pending_for=24 * HOUR,
        use_within=HOUR,
        allow_owner=False,
        allow_cut=False,
    )


def test_what_is_said_holds() -> None:
    found = requirement(count=3, pendingFor="1h30m", useWithin="45s", allowOwner=True, allowCut=True, approvers=LISTED)
    assert (found.count, found.pending_for, found.use_within) == (3, 90 * MINUTE, timedelta(seconds=45))
    assert (found.allow_owner, found.allow_cut) == (True, True)
    assert found.who == "group platform or user alice"


@pytest.mark.parametrize(
    ("person", "is_listed"),
    [
        (UserInfo("bob", groups=("x", "platform")), True),
        (UserInfo("alice"), True),
        (UserInfo("Alice"), False),
        (UserInfo("platform"), False),
        (UserInfo("bob", groups=("alice", "platform2")), False),
    ],
    ids=str,
)
def test_a_list_names_users_and_groups_literally(person: UserInfo, is_listed: bool) -> None:
    assert requirement(approvers=LISTED).lists(person) is is_listed


def test_without_a_list_everybody_is_on_it() -> None:
    assert requirement().lists(UserInfo("anyone"))
    assert requirement().who == "anyone who holds the verb approve"


def test_where_no_uid_is_bound_the_time_of_use_is_short() -> None:
    assert requirement(useWithin="2h").bound(binds_uid=True).use_within == 2 * HOUR
    assert requirement(useWithin="2h").bound(binds_uid=False).use_within == 5 * MINUTE
    assert requirement(useWithin="1m").bound(binds_uid=False).use_within == MINUTE


ASKED: dict[str, Requirement] = {
    "the default": Requirement(),
    "a rule without terms": Requirement(policy="p", rule="asks"),
    "everything": requirement(count=2, useWithin="1h30m", allowOwner=True, approvers=LISTED),
}


@pytest.mark.parametrize("scenario", ASKED)
def test_the_mirror_is_read_back_as_it_was_written(scenario: str) -> None:
    asked = ASKED[scenario]
    stored = asked.mirrored(1).to_json()
    assert from_mirror([RequirementMirror.parse(stored)], binds_uid=True) == (asked,)
    assert stored["missing"] == 1


def test_a_mirror_of_an_older_gate_has_the_defaults() -> None:
    (found,) = from_mirror([RequirementMirror.parse({"count": 2, "missing": 2})], binds_uid=False)
    assert found == Requirement(count=2, use_within=5 * MINUTE)


@pytest.mark.parametrize(("binds_uid", "use_within"), [(True, HOUR), (False, 5 * MINUTE)])
def test_where_nothing_is_mirrored_yet_one_of_anyone_is_shown(binds_uid: bool, use_within: timedelta) -> None:
    assert from_mirror([], binds_uid=binds_uid) == (Requirement(use_within=use_within),)


@pytest.mark.parametrize(
    ("of", "missing", "words"),
    [
        (Requirement(), 1, "1 approval by anyone who holds the verb approve"),
        (Requirement(policy="p"), 1, "1 approval by anyone who holds the verb approve (policy p)"),
        (
            requirement(count=2, approvers=LISTED),
            2,
            "2 of 2 approvals by group platform or user alice (policy p, rule asks)",
        ),
        (requirement(count=2), 1, "1 of 2 approvals by anyone who holds the verb approve (policy p, rule asks)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_missing_in_words(of: Requirement, missing: int, words: str) -> None:
    assert in_words(of, missing) == words
