"""Two lists at the same time: the one that was asked for later is what is known, whichever answer comes last."""

from collections.abc import Callable

from aiohttp import web

from tests.webhook import reviews
from tests.webhook.apiserver import ApiServer, Proceed
from tests.webhook.rules import ALLOWS, DENIES
from tests.webhook.world import World


def test_older_list_that_comes_later_changes_nothing(worlds: Callable[..., World]) -> None:
    world = worlds(policies=[ALLOWS])

    async def overtaken(server: ApiServer, _: web.Request, proceed: Proceed) -> web.StreamResponse:
        old = await proceed()
        server.put_policy(DENIES)
        world.seconds.pass_by(3)
        await world.policies.refresh()
        return old

    world.server.on("list policies", overtaken)
    world.list_policies()
    assert world.server.count("list policies") == 2
    assert world.policies.age() == 0
    assert world.judge(reviews.request()).reason == "PolicyDenied"
