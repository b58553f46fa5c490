"""7 MiB is the bound of a review (C038): judged below, refused with code 413 and its uid above, in bounded memory."""

import tracemalloc
from collections.abc import Iterator

from tests.webhook import reviews
from tests.webhook.world import SECRET_PATH, World, call

MIB = 1024 * 1024
_CHUNK = b"x" * 65_536


def of_size(size: float) -> bytes:
    """Return a review of this many MiB whose UPDATE changes nothing."""
    filled = reviews.configmap({"fill": ""})
    empty = len(reviews.body(reviews.request(uid="big", object=filled, oldObject=filled)))
    filled = reviews.configmap({"fill": "x" * ((int(size * MIB) - empty) // 2)})
    return reviews.body(reviews.request(uid="big", object=filled, oldObject=filled))


def test_just_below_is_judged(world: World) -> None:
    raw = of_size(6.9)
    assert 6.89 * MIB < len(raw) < 6.91 * MIB
    reply = world.send(raw)
    assert (reply.allowed, reply.reason, reply.response["uid"]) == (True, "NoChange", "big")


def test_just_above_is_refused_with_its_uid(world: World) -> None:
    reply = world.send(of_size(7.1))
    assert (reply.allowed, reply.reason, reply.response["uid"]) == (False, "TooLarge", "big")
    assert reply.response["status"]["code"] == 413
    assert "7 MiB" in reply.message


def test_exactly_the_bound_is_judged_and_one_byte_more_is_not(world: World) -> None:
    raw = reviews.body(reviews.request(object=reviews.configmap()))
    bound = 7 * MIB
    assert world.send(raw + b" " * (bound - len(raw))).reason == "NoChange"
    assert world.send(raw + b" " * (bound - len(raw) + 1)).reason == "TooLarge"


def test_memory_is_bounded_however_long_the_body(world: World) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"request": {"uid": "endless", "object": "'
        yield from (_CHUNK for _ in range(100 * MIB // len(_CHUNK)))

    tracemalloc.start()
    try:
        reply = world.loop.run(call(world.app, f"/{SECRET_PATH}/changes", chunks=endless()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (reply.reason, reply.response["uid"]) == ("TooLarge", "endless")
    assert peak < 24 * MIB
