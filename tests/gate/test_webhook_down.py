"""While the gate is down or hangs agents are refused, and nobody else is affected (C087, C089)."""

import socket
import time
from collections.abc import Iterator

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.policies import group, policy
from e2e.waiting import wait_until
from tests.gate.asking import Answer, Place, asked
from tests.gate.samples import KINDS, config_map

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"


@pytest.fixture
def down(gated: Gated) -> Iterator[None]:
    gated.webhook.kill()
    yield
    gated.webhook.start()


@pytest.mark.usefixtures("down")
def test_agents_are_refused(place: Place) -> None:
    status, answer = place.ask()
    assert (status, answer["message"].partition('"changes.kubeapprove.io"')[0]) == (
        500,
        "Internal error occurred: failed calling webhook ",
    ), answer
    assert not place.exists("configmaps", "web")


@pytest.mark.usefixtures("down")
def test_people_and_controllers_are_unaffected(place: Place) -> None:
    place.given("configmaps", config_map())
    place.given("deployments", KINDS["Deployment"].sample)
    wait_until(lambda: len(place.items("pods")) == 1, "the controllers had made a Pod")
    assert place.delete("deployments", "web", as_="admin")[0] == 200


@pytest.mark.usefixtures("down")
def test_nobody_writes_or_deletes_a_policy(place: Place) -> None:
    new = policy("new", [group("whoever")])
    assert place.cp.raw("POST", POLICIES, new)[0] == 500
    assert place.cp.raw("PATCH", f"{POLICIES}/agents", {"spec": {"mode": "Observe"}})[0] == 500
    assert place.cp.raw("DELETE", f"{POLICIES}/agents")[0] == 500


def test_nothing_is_decided_and_what_was_decided_still_counts_afterwards(place: Place) -> None:
    waiting = asked(place.ask())
    place.gated.webhook.kill()
    try:
        assert place.decide(waiting)[0] == 500
        assert place.ask()[0] == 500
    finally:
        place.gated.webhook.start()
    place.approve(waiting)
    assert place.ask()[0] == 201


def test_a_namespace_can_be_deleted(place: Place) -> None:
    asked(place.ask())
    place.gated.webhook.kill()
    try:
        path = f"/api/v1/namespaces/{place.namespace}"
        assert place.cp.raw("DELETE", path)[0] == 200
        wait_until(lambda: place.cp.raw("GET", path)[0] == 404, "the namespace was gone")
    finally:
        place.gated.webhook.start()


def test_a_gate_that_hangs(place: Place) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"https://127.0.0.1:{deaf.getsockname()[1]}/x/changes"
        patch = [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": url}]
        headers = {"Content-Type": "application/json-patch+json"}
        assert place.cp.raw("PATCH", CONFIGURATION, patch, headers=headers)[0] == 200
        try:
            answers: list[tuple[float, Answer]] = []

            def is_deaf() -> bool:
                started = time.monotonic()
                answers.append((started, place.ask()))
                return answers[-1][1][0] != 403

            wait_until(is_deaf, "the API server asked the gate that hangs")
            assert time.monotonic() - answers[-1][0] < 10
            assert not place.exists("configmaps", "web")
            place.given("configmaps", config_map())
        finally:
            place.gated.register(place.gated.url)
