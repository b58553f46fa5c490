"""One record per verdict in the shape of an audit Event, the same facts as audit annotations (C099), and no value."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kubeapprove_webhook.app import create_app
from kubeapprove_webhook.gate import Gate
from kubeapprove_webhook.guard import Guard
from tests.webhook import reviews
from tests.webhook.apiserver import CLUSTER
from tests.webhook.world import KEY, SECRET_PATH, World, call

VALUE = "planted-4711-value"


def test_refusal_and_allow_are_recorded(world: World) -> None:
    world.approved(reviews.request())
    world.records.clear()
    request = reviews.request()
    reply = world.judge(request)
    (record,) = world.records
    assert (record["kind"], record["apiVersion"]) == ("Event", "audit.k8s.io/v1")
    assert (record["auditID"], record["verb"]) == (request["uid"], "update")
    assert record["user"]["username"] == "agent:bot"
    assert record["objectRef"]["resource"] == "configmaps"
    assert record["responseStatus"] == {"code": 200, "reason": "Approved"}
    facts = {f"kubeapprove.io/{key}": value for key, value in reply.response["auditAnnotations"].items()}
    assert record["annotations"] == {"kubeapprove.io/webhook": "changes"} | facts
    assert set(facts) == {f"kubeapprove.io/{key}" for key in ("approval", "hash", "verdict", "reason")}


def test_unreadable_request_is_recorded_with_its_uid(world: World) -> None:
    world.send(b'{"uid": "broken"')
    (record,) = world.records
    assert (record["auditID"], record["responseStatus"]["code"]) == ("broken", 400)
    assert "user" not in record


def test_no_value_of_a_request_anywhere_but_in_the_approval(world: World) -> None:
    secret = {"group": "", "version": "v1", "resource": "secrets"}
    planted = reviews.configmap({"password": VALUE})
    replies = [
        world.judge(reviews.request(object=planted)),
        world.judge(reviews.request(resource=secret, object=planted)),
        world.judge(reviews.request("CREATE", resource=secret, object=planted, dryRun=True)),
        world.send(reviews.body(reviews.request(object=planted)).replace(b'"data"', b'"data": 1, "data"')),
    ]
    assert VALUE not in json.dumps(world.records)
    assert not any(VALUE.encode() in reply.body for reply in replies)
    assert VALUE.encode() not in world.probe("/metrics").body


def _broken(_: reviews.Object) -> None:
    raise BrokenPipeError(VALUE)


def _worse(_: reviews.Object) -> None:
    raise ValueError(VALUE)


@pytest.mark.parametrize("emit", [_broken, _worse], ids=["closed pipe", "anything else"])
def test_without_a_record_there_is_no_allow(
    world: World, emit: Callable[[reviews.Object], None], capfd: pytest.CaptureFixture[str]
) -> None:
    gate = Gate(world.api, world.settings, world.settings.hiding(KEY), CLUSTER, world.waiting, world.policies)
    guard = Guard(world.api, world.settings, world.policies)
    app = create_app(gate=gate, guard=guard, secret_path=SECRET_PATH, emit=emit)
    request = reviews.request(object=reviews.configmap())
    reply = world.loop.run(call(app, f"/{SECRET_PATH}/changes", chunks=(reviews.body(request),)))
    assert (reply.allowed, reply.reason, reply.response["uid"]) == (False, "Unavailable", request["uid"])
    assert "the record of this verdict could not be written" in reply.message
    assert VALUE not in "".join(capfd.readouterr())


def test_metrics_count_verdicts_and_our_own_calls(world: World) -> None:
    world.judge(reviews.request())
    text = world.probe("/metrics").body.decode()
    for line in (
        'kubeapprove_verdicts_total{reason="ApprovalRequired",verdict="ask",webhook="changes"}',
        'kubeapprove_verdict_seconds_bucket{le="0.005",webhook="changes"}',
        'kubeapprove_api_seconds_count{call="create approval"}',
    ):
        assert line in text, line


def test_labels_of_metrics_come_from_closed_lists(world: World) -> None:
    planted: dict[str, Any] = {"name": "planted-name", "namespace": "planted-space", "uid": "planted-uid"}
    world.judge(reviews.request(**planted, userInfo=reviews.AGENT | {"username": "planted-user"}))
    assert b"planted" not in world.probe("/metrics").body
