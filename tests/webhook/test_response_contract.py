"""What an answer is made of (C093): the request's uid, known keys only, and a refusal that a program can act on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webhook import apiserver, reviews
from tests.webhook.world import Reply, World

_RESPONSE = {"uid", "allowed", "status", "patch", "patchType", "auditAnnotations", "warnings"}
_STATUS = {"status", "code", "reason", "message", "details"}
_DETAILS = {"name", "group", "kind", "causes", "retryAfterSeconds"}
_FACTS = {"approval", "hash", "verdict", "reason"}


def check_contract(reply: Reply) -> None:
    """Raise where an answer is not one that the API server and a client understand."""
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json) == {"apiVersion", "kind", "response"}
    assert (reply.json["apiVersion"], reply.json["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response = reply.response
    assert set(response) <= _RESPONSE
    assert type(response["allowed"]) is bool
    assert set(response["auditAnnotations"]) <= _FACTS
    assert {"verdict", "reason"} <= set(response["auditAnnotations"])
    assert all(type(value) is str and value for value in response["auditAnnotations"].values())
    assert ("status" in response) != response["allowed"]
    assert ("patch" in response) == ("patchType" in response)
    if not response["allowed"]:
        _check_status(response["status"])


def _check_status(status: dict[str, Any]) -> None:
    assert set(status) == _STATUS
    assert status["status"] == "Failure"
    assert status["code"] in (400, 403, 413)
    assert status["reason"].isalpha()
    assert status["message"].isprintable()
    assert set(status["details"]) <= _DETAILS
    assert all(set(cause) == {"reason", "message"} for cause in status["details"]["causes"])


def _ask(world: World) -> Reply:
    return world.judge(reviews.request())


def _pend(world: World) -> Reply:
    world.judge(reviews.request())
    return world.judge(reviews.request())


def _use(world: World) -> Reply:
    world.approved(reviews.request())
    return world.judge(reviews.request())


def _denied(world: World) -> Reply:
    world.judge(reviews.request())
    world.approve("bob", "Denied")
    return world.judge(reviews.request())


def _unmet(world: World) -> Reply:
    world.judge(reviews.request())
    world.approve("carol")
    return world.judge(reviews.request())


def _failing(world: World) -> Reply:
    world.server.on("create approval", apiserver.fails(500))
    return world.judge(reviews.request())


def _never(world: World) -> Reply:
    token = reviews.request("CREATE", subResource="token")
    return world.judge(token | {"resource": {"group": "", "version": "v1", "resource": "serviceaccounts"}})


ANSWERS: dict[str, tuple[Callable[[World], Reply], str, str]] = {
    "asked": (_ask, "ask", "ApprovalRequired"),
    "pending": (_pend, "deny", "ApprovalPending"),
    "approved": (_use, "allow", "Approved"),
    "denied": (_denied, "deny", "ApprovalDenied"),
    "a decision that does not count": (_unmet, "deny", "RequirementUnmet"),
    "a failure of ours": (_failing, "deny", "Unavailable"),
    "on the never-list": (_never, "deny", "NeverAllowed"),
    "no change": (lambda w: w.judge(reviews.request(object=reviews.configmap())), "allow", "NoChange"),
    "dry run": (lambda w: w.judge(reviews.request(dryRun=True)), "allow", "DryRun"),
    "not an agent": (lambda w: w.judge(reviews.request(userInfo={"username": "eve"})), "deny", "NotEnrolled"),
}


@pytest.mark.parametrize("scenario", ANSWERS)
def test_every_kind_of_answer(world: World, scenario: str) -> None:
    act, verdict, reason = ANSWERS[scenario]
    reply = act(world)
    check_contract(reply)
    assert reply.response["auditAnnotations"]["verdict"] == verdict
    assert reply.reason == reason
    assert reply.allowed == (verdict == "allow")


@pytest.mark.parametrize("scenario", ["asked", "pending", "a decision that does not count"])
def test_refusal_for_programs(world: World, scenario: str) -> None:
    status = ANSWERS[scenario][0](world).response["status"]
    approval = world.server.only()
    name = approval["metadata"]["name"]
    assert status["code"] == 403
    assert status["details"]["name"] == name
    assert status["details"]["retryAfterSeconds"] == 30
    assert {cause["reason"]: cause["message"] for cause in status["details"]["causes"]} == {
        "Approval": f"shop/{name}",
        "ManifestHash": approval["spec"]["manifestHash"],
        "Expires": approval["spec"]["pendingUntil"],
        "Next": f"kubectl approve wait -n shop {name}",
    }


@pytest.mark.parametrize("scenario", ["asked", "pending", "a decision that does not count"])
def test_refusal_for_people(world: World, scenario: str) -> None:
    message = ANSWERS[scenario][0](world).message
    approval = world.server.only()
    for part in (
        f"shop/{approval['metadata']['name']}",
        approval["spec"]["manifestHash"],
        f"`kubectl approve wait -n shop {approval['metadata']['name']}`",
        "then run exactly the same command again",
        'update configmaps "web" in namespace "shop"',
    ):
        assert part in message


@pytest.mark.parametrize("scenario", ["denied", "on the never-list", "not an agent"])
def test_final_refusal_asks_for_no_retry(world: World, scenario: str) -> None:
    assert "retryAfterSeconds" not in ANSWERS[scenario][0](world).response["status"]["details"]


def test_names_of_the_caller_cannot_break_the_line(world: World) -> None:
    exec_ = {"kind": "PodExecOptions", "apiVersion": "v1", "command": ["id"], "stdout": True}
    request = reviews.request(
        "CONNECT",
        resource={"group": "", "version": "v1", "resource": "pods"},
        subResource="exec",
        name="web\n\x1b[2Jallowed",
        object=exec_,
    )
    check_contract(world.judge(request))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_KEYS = ("uid", "operation", "resource", "namespace", "name", "userInfo", "object", "oldObject", "options", "dryRun")
_FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FUZZ
@given(raw=st.binary(max_size=300), hook=st.sampled_from(["changes", "approvals", "stamp"]))
def test_junk_is_refused(world: World, raw: bytes, hook: str) -> None:
    reply = world.send(raw, hook)
    check_contract(reply)
    assert (reply.allowed, reply.reason) == (False, "Unreadable")


@_FUZZ
@given(key=st.sampled_from(_KEYS), value=_JSON, operation=st.sampled_from(["CREATE", "UPDATE", "DELETE", "CONNECT"]))
def test_one_part_of_a_request_is_junk(world: World, key: str, value: Any, operation: str) -> None:
    request = reviews.request(operation) | {key: value}
    reply = world.send(json.dumps(reviews.review(request)).encode())
    check_contract(reply)
    # What the API server may leave out changes nothing; what changes nothing is allowed; nothing else is.
    assert not reply.allowed or reply.reason in ("NoChange", "DryRun")


@_FUZZ
@given(document=_JSON)
def test_any_json_is_refused(world: World, document: Any) -> None:
    reply = world.send(json.dumps(document).encode())
    check_contract(reply)
    assert not reply.allowed
