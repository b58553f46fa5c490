"""While nobody knows what policies say, every agent is refused and readiness says why; a list that comes back heals."""

from collections.abc import Callable
from typing import Any

import pytest

from kubeapprove_server.policies import MAX_AGE
from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import Fault
from tests.webhook.rules import ALLOWS
from tests.webhook.world import Reply, World

BROKEN: dict[str, tuple[Any, str]] = {
    "another kind": ({"kind": "List", "metadata": {}, "items": []}, "it is no list of policies"),
    "no items": ({"kind": "ApprovalPolicyList", "metadata": {}}, "it is no list of policies"),
    "items null": ({"kind": "ApprovalPolicyList", "metadata": {}, "items": None}, "it is no list of policies"),
    "no metadata": ({"kind": "ApprovalPolicyList", "items": []}, "it is no list of policies"),
    "an item that is none": ({"kind": "ApprovalPolicyList", "metadata": {}, "items": [7]}, "an item is no object"),
    "a way on that is none": (
        {"kind": "ApprovalPolicyList", "metadata": {"continue": 7}, "items": []},
        "it does not say where it goes on",
    ),
    "an item without a bottom": (
        b'{"kind": "ApprovalPolicyList", "metadata": {}, "items": [{"spec": ' + b"[" * 500 + b"]" * 500 + b"}]}",
        "an item is nested too deeply",
    ),
    "no JSON": (b"<html>", "the answer is not a JSON object"),
}
FAILURES: dict[str, tuple[Fault, str]] = {
    "500": (apiserver.fails(500), "answered 500 InternalError"),
    "forbidden": (apiserver.fails(403, "Forbidden"), "answered 403 Forbidden"),
    "the CRD is gone": (apiserver.says(b"404 page not found\n", 404), "answered 404"),
    "too old a page": (apiserver.fails(410, "Expired"), "answered 410 Expired"),
    "cut": (apiserver.cuts_before(), "no answer from the API server"),
    **{name: (apiserver.says(body), sentence) for name, (body, sentence) in BROKEN.items()},
}
TWICE = 2  # the client repeats a GET once where a kept connection was closed

TRIES: dict[str, Callable[[World], Reply]] = {
    "a change": lambda world: world.judge(reviews.request()),
    "a deletion": lambda world: world.judge(reviews.request("DELETE")),
    "what changes nothing": lambda world: world.judge(reviews.request(object=reviews.configmap())),
    "a dry run": lambda world: world.judge(reviews.request(dryRun=True)),
    "a question to the API server": lambda world: world.judge(
        reviews.request(
            "CREATE",
            resource={"group": "authentication.k8s.io", "version": "v1", "resource": "selfsubjectreviews"},
        )
    ),
    "somebody whom no policy names": lambda world: world.judge(reviews.request(userInfo={"username": "eve"})),
}


def refused(reply: Reply) -> None:
    """Raise where the answer is another than that policies are not known."""
    assert (reply.allowed, reply.reason) == (False, "PolicyUnknown")
    assert "run the same command again in half a minute" in reply.message
    assert reply.response["status"]["details"]["retryAfterSeconds"] == 30


@pytest.mark.parametrize("name", TRIES)
def test_never_listed(worlds: Callable[..., World], name: str) -> None:
    world = worlds(policies=None)
    refused(TRIES[name](world))
    assert set(world.server.calls) <= {"get crd"}
    assert world.probe("/readyz").body == b"not ready: the policies were not listed yet\n"


@pytest.mark.parametrize("name", TRIES)
def test_listed_too_long_ago(worlds: Callable[..., World], name: str) -> None:
    world = worlds(policies=[ALLOWS])
    world.seconds.pass_by(MAX_AGE)
    assert world.judge(reviews.request()).allowed
    world.seconds.pass_by(0.001)
    refused(TRIES[name](world))
    reply = world.probe("/readyz")
    assert (reply.status, reply.body) == (503, b"not ready: the policies were listed too long ago\n")
    assert world.probe("/livez").status == 200


@pytest.mark.parametrize("scenario", FAILURES)
def test_first_list_fails(worlds: Callable[..., World], scenario: str) -> None:
    world = worlds(policies=None)
    fault, sentence = FAILURES[scenario]
    world.server.on("list policies", *[fault] * (TWICE if scenario == "cut" else 1))
    world.list_policies()
    refused(world.judge(reviews.request()))
    reply = world.probe("/readyz")
    assert reply.status == 503
    assert reply.body.startswith(b"not ready: list policies: ")
    assert sentence in reply.body.decode()


@pytest.mark.parametrize("scenario", FAILURES)
def test_what_was_known_holds_until_it_is_too_old(worlds: Callable[..., World], scenario: str) -> None:
    """An error is no empty list: nobody is dropped and nothing is loosened by it, and nothing is prolonged either."""
    world = worlds(policies=[ALLOWS])
    fault, sentence = FAILURES[scenario]
    world.server.on("list policies", *[fault] * (TWICE if scenario == "cut" else 1))
    world.seconds.pass_by(9)
    world.list_policies()
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"
    assert world.probe("/readyz").status == 200
    world.seconds.pass_by(2)
    refused(world.judge(reviews.request()))
    assert sentence in world.probe("/readyz").body.decode()
    world.list_policies()
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"
    assert world.probe("/readyz").status == 200


def test_second_page_fails(worlds: Callable[..., World]) -> None:
    """Half a list might lack the very policy that denies."""
    world = worlds(policies=None)
    for number in range(60):
        world.server.put_policy(ALLOWS | {"metadata": {"name": f"lax-{number}"}})
    world.server.on("list policies", apiserver.passes(), apiserver.fails(410, "Expired"))
    world.list_policies()
    refused(world.judge(reviews.request()))
    world.list_policies()
    assert world.server.count("list policies") == 4
    assert world.judge(reviews.request()).reason == "AllowedByPolicy"


def test_age_counts_from_asking_and_not_from_the_answer(worlds: Callable[..., World]) -> None:
    world = worlds(policies=None)
    world.server.put_policy(ALLOWS)
    world.server.on("list policies", apiserver.first(lambda _: world.seconds.pass_by(4)))
    world.list_policies()
    world.seconds.pass_by(MAX_AGE - 4)
    assert world.judge(reviews.request()).allowed
    world.seconds.pass_by(0.001)
    refused(world.judge(reviews.request()))


def test_approved_change_waits_and_spends_nothing(world: World) -> None:
    world.approved(reviews.request())
    world.seconds.pass_by(11)
    refused(world.judge(reviews.request()))
    assert "claim" not in world.server.only()["status"]
    world.list_policies()
    assert world.judge(reviews.request()).reason == "Approved"


def test_all_policies_deleted(world: World) -> None:
    """A list that is complete and empty is known: nobody is an agent by it, and whoever still comes is refused."""
    world.approved(reviews.request())
    world.under()
    assert world.judge(reviews.request()).reason == "NotEnrolled"
    assert world.server.count("claim") == 0


def test_never_list_is_refused_as_ever(worlds: Callable[..., World]) -> None:
    accounts = {"group": "", "version": "v1", "resource": "serviceaccounts"}
    request = reviews.request("CREATE", resource=accounts, subResource="token")
    assert worlds(policies=None).judge(request).reason == "NeverAllowed"


def test_age_is_a_metric(world: World) -> None:
    world.seconds.pass_by(7)
    assert b"kubeapprove_policy_age_seconds 7.0\n" in world.probe("/metrics").body
