"""A request that was begun on known policies and takes long: nothing is let through on what is too old by then."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import ApiServer, Proceed
from tests.webhook.rules import ALLOWS, DENIES, rule, under
from tests.webhook.world import World

WIDGET = {"group": "shop.example.com", "version": "v1", "resource": "widgets"}
BY_LABEL = under(
    "by-label",
    rule("frozen", "Deny", {"namespaceSelector": {"matchLabels": {"frozen": "yes"}}}),
    rule("pass", "Allow"),
)


def test_before_the_claim(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("access review", apiserver.first(lambda _: world.seconds.pass_by(11)))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "PolicyUnknown")
    assert world.server.count("claim") == 0
    world.list_policies()
    assert world.judge(reviews.request()).reason == "Approved"


def test_between_two_tries_of_the_claim(world: World) -> None:
    world.approved(reviews.request())

    def touch(server: ApiServer) -> None:
        server.put(server.only())
        world.seconds.pass_by(11)

    world.server.on("claim", apiserver.first(touch))
    assert world.judge(reviews.request()).reason == "PolicyUnknown"
    assert "claim" not in world.server.only()["status"]


def test_a_list_that_comes_meanwhile_makes_the_old_one_no_younger(world: World) -> None:
    """What was asked for by the old list is not enough by the new one."""
    world.approved(reviews.request())

    async def tighten(server: ApiServer, _: web.Request, proceed: Proceed) -> web.StreamResponse:
        server.policies.clear()
        server.put_policy(DENIES)
        world.seconds.pass_by(11)
        await asyncio.wait_for(world.policies.refresh(), 5)
        return await proceed()

    world.server.on("access review", tighten)
    assert world.judge(reviews.request()).reason == "PolicyUnknown"
    assert world.judge(reviews.request()).reason == "PolicyDenied"
    assert world.server.count("claim") == 0


def test_while_a_namespace_is_asked_for_its_labels(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[BY_LABEL])
    world.server.on("get namespace", apiserver.first(lambda _: world.seconds.pass_by(11)))
    assert world.judge(reviews.request()).reason == "PolicyUnknown"
    world.list_policies()
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"


def test_while_a_definition_is_read(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[ALLOWS])
    world.server.on("get crd", apiserver.first(lambda _: world.seconds.pass_by(11)))
    assert world.judge(reviews.request(resource=WIDGET)).reason == "PolicyUnknown"
    world.list_policies()
    assert world.judge(reviews.request(resource=WIDGET)).reason == "AllowedByPolicy"
