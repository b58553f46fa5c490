"""What a rule allows passes without an approval, with its hash, on the record, and with nothing written."""

from collections.abc import Callable

import pytest

from tests.webhook import reviews
from tests.webhook.rules import ALLOWS, DENIES, asks, rule, under
from tests.webhook.world import World

CONFIGMAPS = {"operations": ["UPDATE"], "apiGroups": [""], "resources": ["configmaps"]}
NARROW = under("narrow", rule("configmaps", "Allow", CONFIGMAPS))


def test_passes_with_its_hash_and_a_record(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[NARROW])
    request = reviews.request()
    reply = world.judge(request)
    assert (reply.allowed, reply.reason) == (True, "AllowedByPolicy")
    facts = reply.response["auditAnnotations"]
    assert facts["hash"].startswith("sha256:")
    assert "warnings" not in reply.response
    (record,) = world.records
    assert record["auditID"] == request["uid"]
    assert record["responseStatus"] == {"code": 200, "reason": "AllowedByPolicy"}
    assert record["annotations"] == {
        "kubeapprove.io/webhook": "changes",
        "kubeapprove.io/hash": facts["hash"],
        "kubeapprove.io/verdict": "allow",
        "kubeapprove.io/reason": "AllowedByPolicy",
    }
    assert world.server.calls == []
    assert world.server.approvals == {}


def test_hash_is_that_of_the_same_change_asked_for(world: World) -> None:
    world.judge(reviews.request())
    world.under(NARROW)
    facts = world.judge(reviews.request()).response["auditAnnotations"]
    assert facts["hash"] == world.server.only()["spec"]["manifestHash"]


def test_what_waits_is_left_alone(world: World) -> None:
    """An approval that nobody needs any more is not spent."""
    world.approved(reviews.request())
    world.under(ALLOWS)
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"
    assert "claim" not in world.server.only()["status"]


@pytest.mark.parametrize("operation", ["CREATE", "DELETE"])
def test_what_the_rule_is_not_about_is_asked_for(worlds: Callable[..., World], operation: str) -> None:
    assert worlds(policies=[NARROW]).judge(reviews.request(operation)).reason == "ApprovalRequired"


def test_another_policy_that_asks_is_stricter(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[ALLOWS, asks("some")]).judge(reviews.request()).reason == "ApprovalRequired"


def test_another_policy_that_denies_is_stricter(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[ALLOWS, DENIES]).judge(reviews.request()).reason == "PolicyDenied"


def test_never_list_comes_first(worlds: Callable[..., World]) -> None:
    accounts = {"group": "", "version": "v1", "resource": "serviceaccounts"}
    request = reviews.request("CREATE", resource=accounts, subResource="token")
    assert worlds(policies=[ALLOWS]).judge(request).reason == "NeverAllowed"
