"""A policy that observes: what it would have refused passes with a warning and a record, and nothing is asked for."""

from collections.abc import Callable

import pytest

from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import DENIES, asks, rule, under
from tests.webhook.world import World

OBSERVES = under("watch", mode="Observe")
OBSERVES_TWO = under(
    "watch", rule("all", "RequireApproval", approval={"count": 2, "approvers": [{"kind": "Group", "name": "sre"}]}),
    mode="Observe",
)  # fmt: skip
WOULD_DENY = under("watch", rule("stop", "Deny", message="freeze"), mode="Observe")
SAID: dict[str, tuple[Object, str]] = {
    "one approval": (OBSERVES, "it needs 1 approval by anyone who holds the verb approve (policy watch)"),
    "two approvals": (OBSERVES_TWO, "it needs 2 of 2 approvals by group sre (policy watch, rule all)"),
    "a refusal": (WOULD_DENY, "it is refused: denied by policy watch, rule stop: freeze"),
}


@pytest.mark.parametrize("scenario", SAID)
def test_passes_with_a_warning_and_a_record(worlds: Callable[..., World], scenario: str) -> None:
    policy, sentence = SAID[scenario]
    world = worlds(policies=[policy])
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (True, "Observed")
    facts = reply.response["auditAnnotations"]
    (warning,) = reply.response["warnings"]
    assert warning == f"kubeapprove observes: once the policy enforces, {sentence} ({facts['hash']})"
    assert [record["responseStatus"]["reason"] for record in world.records] == ["Observed"]
    assert world.server.calls == []
    assert world.server.approvals == {}


def test_what_it_allows_needs_no_warning(worlds: Callable[..., World]) -> None:
    reply = worlds(policies=[under("watch", rule("pass", "Allow"), mode="Observe")]).judge(reviews.request())
    assert reply.reason == "AllowedByPolicy"
    assert "warnings" not in reply.response


def test_it_loosens_no_policy_that_enforces(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[OBSERVES, asks("some")]).judge(reviews.request()).reason == "ApprovalRequired"
    assert worlds(policies=[WOULD_DENY, DENIES]).judge(reviews.request()).reason == "PolicyDenied"


def test_it_loosens_nothing_that_is_never_allowed(worlds: Callable[..., World]) -> None:
    accounts = {"group": "", "version": "v1", "resource": "serviceaccounts"}
    request = reviews.request("CREATE", resource=accounts, subResource="token")
    assert worlds(policies=[OBSERVES]).judge(request).reason == "NeverAllowed"


def test_one_that_cannot_be_used_denies_all_the_same(worlds: Callable[..., World]) -> None:
    broken = under("watch", rule("x", "Allow", when="("), mode="Observe")
    assert worlds(policies=[broken]).judge(reviews.request()).reason == "PolicyDenied"
