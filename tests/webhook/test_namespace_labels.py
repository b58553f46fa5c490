"""A rule with a namespaceSelector: the namespace's labels are asked for once, and only then; without them, no answer."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import Fault
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, rule, under
from tests.webhook.world import World

PROD = {"namespaceSelector": {"matchLabels": {"env": "prod"}}}
CRITICAL = {"namespaceSelector": {"matchLabels": {"tier": "critical"}}}
SELECTS = under("by-label", rule("prod", "Deny", PROD), rule("critical", "Deny", CRITICAL), rule("pass", "Allow"))
ALSO_SELECTS = under("as-well", rule("prod", "Deny", PROD), rule("pass", "Allow"))


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    """A webhook under two policies that select by labels."""
    return worlds(policies=[SELECTS, ALSO_SELECTS])


def test_asked_once_however_many_rules_select(world: World) -> None:
    world.server.labels["shop"] = {"env": "prod"}
    assert world.judge(reviews.request()).reason == "PolicyDenied"
    assert world.server.calls == ["get namespace"]


def test_asked_again_for_the_next_request(world: World) -> None:
    """As stored, and not as remembered: a namespace may have become production meanwhile."""
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"
    world.server.labels["shop"] = {"env": "prod"}
    assert world.judge(reviews.request()).reason == "PolicyDenied"


NODE: Object = {"resource": {"group": "", "version": "v1", "resource": "nodes"}, "namespace": ""}
NAMESPACE: Object = {"resource": {"group": "", "version": "v1", "resource": "namespaces"}, "name": "shop"}
UNASKED: dict[str, Object] = {
    "a cluster-scoped object": reviews.request(**NODE),
    "a Namespace, whose review calls its own name one": reviews.request(**NAMESPACE),
    "nothing changes": reviews.request(object=reviews.configmap()),
}


@pytest.mark.parametrize("scenario", UNASKED)
def test_not_asked(world: World, scenario: str) -> None:
    world.server.labels["shop"] = {"env": "prod"}
    assert world.judge(UNASKED[scenario]).reason in ("AllowedByPolicy", "NoChange")
    assert "get namespace" not in world.server.calls


def test_not_asked_where_no_rule_about_this_agent_selects(world: World) -> None:
    world.under(ALLOWS, under("others", rule("prod", "Deny", PROD), agents="other-agents"))
    world.server.forget()
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"
    assert world.server.calls == []


ODD: dict[str, Any] = {
    "another namespace": {"metadata": {"name": "other", "labels": {}}},
    "no metadata": {"kind": "Namespace"},
    "metadata of another type": {"metadata": "shop"},
    "labels of another type": {"metadata": {"name": "shop", "labels": ["env"]}},
    "a label of another type": {"metadata": {"name": "shop", "labels": {"env": 7}}},
}
FAILURES: dict[str, Fault] = {
    "500": apiserver.fails(500),
    "forbidden": apiserver.fails(403, "Forbidden"),
    "gone": apiserver.fails(404, "NotFound", name="shop"),
    "cut": apiserver.cuts_before(),
    **{name: apiserver.says(body) for name, body in ODD.items()},
}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("scenario", FAILURES)
def test_without_its_labels_nobody_passes(world: World, scenario: str, dry_run: bool) -> None:
    world.server.on("get namespace", *[FAILURES[scenario]] * 2)
    reply = world.judge(reviews.request(dryRun=dry_run))
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert world.server.approvals == {}


def test_no_answer_in_time(world: World) -> None:
    world.server.on("get namespace", apiserver.hangs())
    assert world.judge(reviews.request(), query="timeout=500ms").reason == "Unavailable"
