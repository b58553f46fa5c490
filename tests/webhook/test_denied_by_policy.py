"""What a policy denies: the agent reads which rule and why, nobody is asked, and no approval helps."""

from collections.abc import Callable

import pytest

from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, DENIES, rule, under
from tests.webhook.world import World

SAID: dict[str, tuple[Object, str]] = {
    "a rule with a message": (DENIES, "denied by policy strict, rule stop: freeze until Monday"),
    "a rule without": (under("strict", rule("stop", "Deny")), "denied by policy strict, rule stop"),
    "a policy that cannot be used": (
        under("broken", rule("x", "Allow", when="(")),
        "policy broken cannot be used and denies until a person corrects it: spec.rules[0].when: ",
    ),
    "a condition that fails": (
        under("odd", rule("x", "Allow", when="object.spec.replicas < 5")),
        "policy odd cannot judge this change and denies it: rule x, when: the condition reads a field that is not",
    ),
}


@pytest.mark.parametrize("scenario", SAID)
def test_the_agent_reads_why(worlds: Callable[..., World], scenario: str) -> None:
    policy, sentence = SAID[scenario]
    world = worlds(policies=[policy, ALLOWS])
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "PolicyDenied")
    assert reply.message.startswith(f'update configmaps "web" in namespace "shop" is refused: {sentence}')
    hash_ = reply.response["auditAnnotations"]["hash"]
    assert reply.message.endswith(f"({hash_})")
    status = reply.response["status"]
    assert status["code"] == 403
    assert status["details"] == {"causes": [{"reason": "ManifestHash", "message": hash_}]}
    assert world.server.calls == []
    assert [record["responseStatus"]["reason"] for record in world.records] == ["PolicyDenied"]


def test_an_approval_does_not_help(world: World) -> None:
    world.approved(reviews.request())
    world.under(DENIES)
    assert world.judge(reviews.request()).reason == "PolicyDenied"
    assert "claim" not in world.server.only()["status"]


def test_what_changes_nothing_passes(worlds: Callable[..., World]) -> None:
    assert worlds(policies=[DENIES]).judge(reviews.request(object=reviews.configmap())).reason == "NoChange"
