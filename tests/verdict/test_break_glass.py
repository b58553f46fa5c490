"""C086: broken glass stands for list and count of every requirement, and for nothing else."""

from typing import Any

import pytest

from kubeapprove.identity import Agent, AgentKind, People, UserInfo
from kubeapprove.lifecycle import BREAK_GLASS, verb_of
from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Decision, Phase
from kubeapprove.verdict import Action, to_review
from tests.verdict import scenes
from tests.verdict.scenes import (
    AGENT,
    ALICE,
    BOB,
    HOUR,
    MINUTE,
    NOW,
    PENDING_UNTIL,
    approval,
    asked,
    by_groups,
    decision,
    denied,
    judge,
)

STRICT = (by_groups("dba", count=3), Requirement(count=2, policy="more"))
OWNED = People((Agent(AgentKind.GROUP, "agents", owner="alice"),))


def broken(by: UserInfo = ALICE, **fields: Any) -> dict[str, Any]:
    return decision(by, **{"breakGlass": True, "reason": "the shop is down", **fields})


def may(verb: str) -> Any:
    """Return an access review by which everybody holds just this verb."""

    def review(one: Decision) -> bool:
        return verb_of(one) == verb

    return review


def test_one_person_stands_for_every_list_and_count() -> None:
    of = asked(None, *STRICT)
    verdict = judge(of, approval(of, broken()), may=may(BREAK_GLASS))
    assert (verdict.action, verdict.standing and verdict.standing.missing) == (Action.CLAIM, (0, 0))


def test_the_verb_is_its_own_at_use() -> None:
    of = asked()
    assert judge(of, approval(of, broken()), may=may("approve")).reason is Reason.REQUIREMENT_UNMET
    assert judge(of, approval(of, broken(breakGlass=False)), may=may("approve")).action is Action.CLAIM
    assert judge(of, approval(of, broken(breakGlass=False)), may=may(BREAK_GLASS)).reason is Reason.REQUIREMENT_UNMET


def test_it_is_reviewed_like_any_other() -> None:
    of = asked(None, by_groups("dba"))
    assert list(to_review(approval(of, broken(), decision(BOB)), of)) == ["d-0"]


def test_without_its_verb_it_is_no_ordinary_approval_either() -> None:
    of = asked(None, Requirement(count=2))
    stored = approval(of, broken(), decision(BOB))
    verdict = judge(of, stored, may=may("approve"))
    assert (verdict.action, verdict.standing and verdict.standing.missing) == (Action.DENY, (1,))


# requester's people, decisions
NOBODY: dict[str, tuple[People, dict[str, Any]]] = {
    "the requester": (scenes.PEOPLE, broken(AGENT)),
    "the requester's other login": (scenes.PEOPLE, broken(UserInfo("human", "u-agent"))),
    "the owner": (OWNED, broken()),
    "another agent": (scenes.PEOPLE, broken(UserInfo("other", "u-2", ("agents", "system:masters")))),
    "a controller": (scenes.PEOPLE, broken(UserInfo("system:serviceaccount:argocd:controller"))),
    "for another approval": (scenes.PEOPLE, broken(uid="uid-of-yesterday's")),
    "after the asking ended": (scenes.PEOPLE, broken(at=PENDING_UNTIL + MINUTE)),
    "signed": (scenes.PEOPLE, broken(signature="-----BEGIN SSH SIGNATURE-----")),
    "signed with nothing": (scenes.PEOPLE, broken(signature="")),
}


@pytest.mark.parametrize("name", NOBODY)
@pytest.mark.parametrize("allow_owner", [False, True])
def test_stands_for_nothing_by(name: str, allow_owner: bool) -> None:
    people, entry = NOBODY[name]
    of = asked(None, Requirement(allow_owner=allow_owner), people=people)
    assert judge(of, approval(of, entry)).reason is Reason.REQUIREMENT_UNMET


def test_an_owner_who_may_approve_may_so_without_a_hammer() -> None:
    of = asked(None, Requirement(allow_owner=True), people=OWNED)
    assert judge(of, approval(of, decision(ALICE))).action is Action.CLAIM


def test_denied_holds() -> None:
    assert judge(asked(), approval(None, denied(BOB), broken())).reason is Reason.APPROVAL_DENIED


def test_what_was_revoked_stays_so() -> None:
    assert judge(asked(), approval(None, broken(), revoked=scenes.revoked())).ended is Phase.REVOKED


def test_what_was_used_stays_so() -> None:
    stored = approval(None, broken(), status={"claim": scenes.claim(objectVersion="40")})
    assert judge(asked(), stored).ended is Phase.CONSUMED


def test_it_expires() -> None:
    assert judge(asked(), approval(None, broken()), NOW + HOUR + MINUTE).ended is Phase.EXPIRED
