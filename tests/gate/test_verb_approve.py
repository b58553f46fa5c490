"""Deciding takes verb `approve`, when the decision is made and again when it is used."""

import pytest

from tests.gate.asking import Place, asked, grant, refusal, revoke_grant

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
def test_who_may_write_approvals_but_not_approve(place: Place, verdict: str) -> None:
    waiting = asked(place.ask())
    refused = refusal(place.decide(waiting, as_="carol", verdict=verdict))
    assert refused.reason == "NotADecider"
    assert "carol does not hold verb `approve`" in refused.message


def test_who_may_not_approve_may_not_revoke(place: Place) -> None:
    waiting = asked(place.ask())
    body = {"spec": {"revoked": {"reason": "no"}}}
    assert refusal(place.patch_approval(waiting, body, as_="carol")).reason == "NotADecider"


def test_a_right_that_is_gone_when_the_decision_is_used(place: Place) -> None:
    user = f"dave-{place.namespace}"
    place.cp.identity(user, ["temps"])
    grant(place, "User", user, "kubeapprove-approver")
    waiting = asked(place.ask())
    assert place.decide(waiting, as_=user, key="dave")[0] == 200
    revoke_grant(place, user)
    assert refusal(place.ask()).reason == "RequirementUnmet"
    assert not place.exists("configmaps", "web")
    place.approve(waiting)
    assert place.ask()[0] == 201
