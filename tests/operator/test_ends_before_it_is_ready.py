"""A signal ends the operator at once wherever it is, also while it waits for an API server or looks around."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority
from e2e.cluster.ports import free_port
from e2e.gated.operator import Operator
from e2e.waiting import wait_until

PROGRAM = Path(sys.executable).parent / "kubeapprove-operator"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_api_server_is_silent(tmp_path: Path, number: signal.Signals) -> None:
    ca = Authority(tmp_path / "pki").pair.certificate
    token, settings = tmp_path / "token", tmp_path / "settings.yaml"
    token.write_text("t0ken\n")
    settings.write_text("maxPending: 50\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        arguments = [
            f"--ca-file={ca}",
            "--health-host=127.0.0.1",
            f"--health-port={free_port()}",
            f"--api-server=https://127.0.0.1:{silent.getsockname()[1]}",
            f"--api-ca={ca}",
            f"--api-token-file={token}",
        ]
        process = subprocess.Popen(
            [PROGRAM, "run", *arguments], env=os.environ | {"KUBEAPPROVE_SETTINGS": str(settings)}
        )
        try:
            connection, _ = silent.accept()
            with connection:
                process.send_signal(number)
                assert process.wait(3) == 0
        finally:
            process.kill()
            process.wait()


@pytest.mark.cluster
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_kopf_still_asks_what_the_cluster_has(operator: Operator, number: signal.Signals) -> None:
    operator.stop()
    operator.launch()
    wait_until(lambda: operator.health("/livez") == 200, "it was alive")
    operator.signal(number)
    wait_until(lambda: not operator.is_running, "the operator had ended", 3)
    assert operator.exit_code == 0
