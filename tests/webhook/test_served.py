"""The process as it runs in a cluster: two ports, TLS, JSON on both streams, a drain on SIGTERM."""

import http.client
import json
import socket
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority, Pair
from e2e.gated.policies import DEFAULT_POLICY
from e2e.waiting import wait_until
from tests.webhook import apiserver, reviews
from tests.webhook.keymaterial import PATH
from tests.webhook.process import Files, Served
from tests.webhook.world import Loop, World

VALUE = "planted-4713-value"
NAMES = ("kubeapprove_verdicts_total", "kubeapprove_verdict_seconds", "kubeapprove_api_seconds")


@pytest.fixture(scope="module")
def running(
    loop: Loop, authority: Authority, pair: Pair, token_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One process for the tests that end nothing."""
    world = World.open(loop, pair, authority.pair.certificate, token_file, {}, [DEFAULT_POLICY])
    process = Served(
        Files(tmp_path_factory.mktemp("served"), pair, authority.pair.certificate, token_file), world.server
    )
    yield process
    process.stop()
    world.close()


def test_judges_and_writes_json_lines_without_values(world: World, served: Served) -> None:
    request = reviews.request(object=reviews.configmap({"color": VALUE}))
    response = served.judge(request)
    assert (response["uid"], response["allowed"]) == (request["uid"], False)
    world.approve()
    assert served.judge(reviews.request(object=reviews.configmap({"color": VALUE})))["allowed"]
    assert not served.judge(request | {"uid": "u" * 300})["allowed"]
    connection = served.connect()
    connection.request("POST", f"/{PATH}/changes", VALUE, {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()
    with socket.create_connection(("127.0.0.1", served.port)) as plain:
        plain.sendall(f"GET /{VALUE} HTTP/1.1\r\n\r\n".encode())
        plain.recv(100)
    with served.context.wrap_socket(
        socket.create_connection(("127.0.0.1", served.port)), server_hostname="127.0.0.1"
    ) as garbage:
        garbage.sendall(f"{VALUE}\r\n\r\n".encode())
        assert b"400" in garbage.recv(100)
    served.terminate()
    assert served.wait() == 0
    assert [record["annotations"]["kubeapprove.io/reason"] for record in served.records] == [
        "ApprovalRequired",
        "Approved",
        "Unavailable",
        "Unreadable",
    ]
    assert all({"event", "level", "timestamp"} <= set(line) for line in served.logs)
    assert VALUE not in served.output
    assert PATH not in served.output


def test_health_port(running: Served) -> None:
    running.judge(reviews.request())
    assert running.health("/livez") == (200, "ok\n")
    assert running.health("/readyz") == (200, "ok\n")
    status, text = running.health("/metrics")
    assert status == 200
    assert all(f"# TYPE {name}" in text for name in NAMES)
    assert running.health(f"/{PATH}/changes")[0] == 404


def test_sigterm_answers_what_is_in_flight(world: World, served: Served) -> None:
    world.server.on("get cached approval", apiserver.hangs(after=True))
    connection = served.connect()
    body = reviews.body(reviews.request(uid="in-flight"))
    connection.request("POST", f"/{PATH}/changes?timeout=5s", body, {"Content-Type": "application/json"})
    wait_until(lambda: world.server.count("get cached approval") == 1, "the request is in flight")
    served.terminate()
    wait_until(lambda: not _accepts(served.port), "the port is closed")
    world.server.on("get approval", apiserver.passes())
    world.loop.run(_release(world))
    response = json.loads(connection.getresponse().read())["response"]
    connection.close()
    assert (response["uid"], response["allowed"]) == ("in-flight", False)
    assert served.wait() == 0


async def _release(world: World) -> None:
    world.server.released.set()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_client_that_leaves_in_the_middle_harms_nobody(running: Served) -> None:
    with running.context.wrap_socket(
        socket.create_connection(("127.0.0.1", running.port)), server_hostname="127.0.0.1"
    ) as leaver:
        head = (
            f"POST /{PATH}/changes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n"
        )
        leaver.sendall(head.encode() + b'{"uid": "left"')
    wait_until(lambda: any(record["auditID"] == "" for record in running.records), "the request is recorded")
    assert running.records[-1]["annotations"]["kubeapprove.io/reason"] == "Unreadable"
    assert running.judge(reviews.request())["uid"]
    assert not any("error" in line for line in running.logs)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda version: version.name)
def test_old_tls_is_refused(running: Served, version: ssl.TLSVersion) -> None:
    context = running.context
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
        context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", running.port)) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
def test_tls_from_1_2_on(running: Served, version: ssl.TLSVersion) -> None:
    context = running.context
    context.minimum_version = context.maximum_version = version
    connection = http.client.HTTPSConnection("127.0.0.1", running.port, timeout=5, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().status == 404
    connection.close()
