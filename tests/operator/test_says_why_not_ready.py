"""Readiness names what is missing and the remedy; meanwhile the registration stays as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.operator.test_registration_kept import VALIDATING, read

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
SECRET = "/api/v1/namespaces/kubeapprove-system/secrets/kubeapprove-webhook-path"


@pytest.fixture
def second(gated: Gated, operator: Operator, tmp_path: Path) -> Iterator[Operator]:
    """Return the only operator that runs, with a copy of the CA that a test may lose."""
    operator.stop()
    one = gated.another_operator("operator-in-need")
    one.ca_file = tmp_path / "ca.crt"
    one.ca_file.write_bytes(operator.ca_file.read_bytes())
    one.write_files(gated.settings)
    yield one
    one.stop()


def says(operator: Operator, sentence: str) -> None:
    """Wait until it is not ready for this reason."""
    wait_until(lambda: sentence in operator.health_text("/readyz")[1], f"it said: {sentence}")
    assert operator.health("/readyz") == 503
    assert operator.health("/livez") == 200


def test_the_ca_file_vanishes(gated: Gated, second: Operator) -> None:
    second.start()
    before, ca = read(gated, VALIDATING)[1], second.ca_file.read_bytes()
    second.ca_file.unlink()
    says(second, f"{second.ca_file} cannot be read (No such file or directory): correct --ca-file")
    assert read(gated, VALIDATING)[1] == before
    second.ca_file.write_bytes(ca)
    wait_until(lambda: second.health("/readyz") == 200, "it was ready again")


@pytest.mark.parametrize("content", [b"", b"dummy", "é".encode()], ids=["empty", "no PEM", "no ASCII"])
def test_the_ca_file_holds_no_certificate(gated: Gated, second: Operator, content: bytes) -> None:
    before, ca = read(gated, VALIDATING)[1], second.ca_file.read_bytes()
    second.ca_file.write_bytes(content)
    second.launch()
    says(second, f"{second.ca_file} holds no CA certificate in PEM: correct --ca-file")
    assert read(gated, VALIDATING)[1] == before
    second.ca_file.write_bytes(ca)
    wait_until(lambda: second.health("/readyz") == 200, "it was ready")


def test_the_webhook_was_never_started(gated: Gated, second: Operator) -> None:
    secret = gated.control_plane.raw("GET", SECRET)[1]
    before = read(gated, VALIDATING)[1]
    assert gated.control_plane.raw("DELETE", SECRET)[0] == 200
    second.launch()
    try:
        says(second, "Secret kubeapprove-system/kubeapprove-webhook-path does not exist: start the webhook")
        assert read(gated, VALIDATING)[1] == before
    finally:
        metadata = {key: secret["metadata"][key] for key in ("name", "namespace")}
        body = {**secret, "metadata": metadata}
        assert gated.control_plane.raw("POST", SECRET.rpartition("/")[0], body)[0] == 201
    wait_until(lambda: second.health("/readyz") == 200, "it was ready")
    assert read(gated, VALIDATING)[1] == before


def test_metrics(operator: Operator) -> None:
    wait_until(lambda: operator.metric("kubeapprove_registration_seen_timestamp_seconds") > 0, "a look was noted")
    assert operator.metric('kubeapprove_api_seconds_count{call="get registration"}') > 0
