"""A body that has no single meaning is refused with code 400, and the process goes on."""

import pytest

from tests.webhook import reviews
from tests.webhook.world import World

_GOOD = reviews.body(reviews.request(uid="the-uid"))
_DEEP = b'{"request":{"uid":"the-uid","object":' + b"[" * 10_000 + b"]" * 10_000 + b"}}"
BODIES: dict[str, bytes] = {
    "empty": b"",
    "cut off": _GOOD[:-1],
    "two documents": _GOOD + _GOOD,
    "a key twice": _GOOD.replace(b'"namespace": "shop"', b'"namespace": "shop", "namespace": "other"', 1),
    "a key twice deep inside": _GOOD.replace(b'"color": "green"', b'"color": "green", "color": "blue"'),
    "the same key spelled with an escape": _GOOD.replace(b'"color": "green"', b'"color": "green", "c\\u006flor": "b"'),
    "NaN": _GOOD.replace(b'"green"', b"NaN"),
    "Infinity": _GOOD.replace(b'"green"', b"-Infinity"),
    "beyond a double": _GOOD.replace(b'"green"', b"1e999"),
    "five thousand digits": _GOOD.replace(b'"green"', b"1" * 5000),
    "ten thousand levels": _DEEP,
    "ten thousand levels of objects": _DEEP.replace(b"[", b'{"a":').replace(b"]", b"}").replace(b":}", b":1}"),
    "half a surrogate pair": _GOOD.replace(b'"green"', b'"\\ud800"'),
    "half a surrogate pair as a key": _GOOD.replace(b'"color"', b'"\\udfff"'),
    "not UTF-8": _GOOD.replace(b"green", b"\xff\xfe"),
    "an encoded surrogate": _GOOD.replace(b"green", b"\xed\xa0\x80"),
    "UTF-16": _GOOD.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + _GOOD,
    "v1beta1": _GOOD.replace(b"admission.k8s.io/v1", b"admission.k8s.io/v1beta1"),
    "an array": b'[{"request": {"uid": "the-uid"}}]',
    "a string": b'"uid"',
    "no request": b'{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}',
    "an operation that nobody knows": _GOOD.replace(b"UPDATE", b"TRUNCATE"),
    "no resource": _GOOD.replace(b'"resource"', b'"sources"'),
    "dryRun as text": _GOOD.replace(b'"dryRun": false', b'"dryRun": "false"'),
    "groups as text": _GOOD.replace(b'["agents", "system:authenticated"]', b'"agents"'),
    "an UPDATE without its old object": _GOOD.replace(b'"oldObject"', b'"olderObject"'),
}
WITHOUT_UID = ("empty", "UTF-16", "a string", "no request")


@pytest.mark.parametrize("hook", ["changes", "approvals", "stamp"])
@pytest.mark.parametrize("scenario", BODIES)
def test_refused_with_its_uid(world: World, scenario: str, hook: str) -> None:
    reply = world.send(BODIES[scenario], hook)
    assert (reply.allowed, reply.reason) == (False, "Unreadable")
    assert reply.response["status"]["code"] == 400
    assert reply.response["uid"] == ("" if scenario in WITHOUT_UID else "the-uid")
    assert world.judge(reviews.request(object=reviews.configmap())).allowed


def test_uid_is_looked_for_in_the_first_4_kib(world: World) -> None:
    assert world.send(b" " * 4000 + b'{"uid": "near"').response["uid"] == "near"
    assert world.send(b" " * 5000 + b'{"uid": "far"').response["uid"] == ""


def test_uid_that_is_no_text_stays_valid_json(world: World) -> None:
    assert world.send(b'{"uid": "\xff\xfe"').response["uid"] == "\ufffd\ufffd"


def test_refusal_never_quotes_the_body(world: World) -> None:
    for raw in BODIES.values():
        assert "green" not in world.send(raw).message


def test_client_that_leaves_is_not_judged(world: World) -> None:
    world.approved(reviews.request())
    reply = world.send(reviews.body(reviews.request()), gone=True)
    assert reply.reason == "Unreadable"
    assert world.server.count("claim") == 0
