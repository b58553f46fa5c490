"""Whatever keeps the operator from starting is one sentence on stderr and exit code 1, never a traceback."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster.ports import free_port
from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.operator.seen import a_place

pytestmark = pytest.mark.cluster
PROGRAM = Path(sys.executable).parent / "kubeapprove-operator"


def refused(operator: Operator, folder: Path, **options: str | Path) -> str:
    """Start it with these options in place of good ones; return the sentence with which that fails."""
    state = operator.state
    given: dict[str, str | Path] = {
        "url": operator.url,
        "ca_file": operator.ca_file,
        "health_host": "127.0.0.1",
        "health_port": str(free_port()),
        "api_server": operator.api_server,
        "api_ca": operator.api_ca,
        "api_token_file": state / "token",
        **options,
    }
    settings = given.pop("settings", operator.settings_file)
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    env = os.environ | {"KUBEAPPROVE_SETTINGS": str(settings)}
    done = subprocess.run(
        [PROGRAM, "run", *arguments], env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("kubeapprove-operator: ")]
    return line


def test_ca_file_missing(operator: Operator, tmp_path: Path) -> None:
    assert "absent does not exist: correct --ca-file" in refused(operator, tmp_path, ca_file=tmp_path / "absent")


def test_a_url_without_tls(operator: Operator, tmp_path: Path) -> None:
    assert "--url http://127.0.0.1:1 must begin with https://" in refused(operator, tmp_path, url="http://127.0.0.1:1")


PLACES: dict[str, tuple[dict[str, str], str]] = {
    "a URL that names no host": ({"url": "https:///gate"}, "must be https://HOST[:PORT][/PATH], in ASCII"),
    "a URL of other letters": ({"url": "https://gäte.example.com"}, "in ASCII, and nothing else"),
    "a URL with a query": ({"url": "https://gate.example.com?a=b"}, "must be https://HOST[:PORT][/PATH]"),
    "two places": ({"service": "gate"}, "--url and --service exclude each other"),
    "no name of a Service": ({"url": "", "service": "gate.ns.svc"}, "--service 'gate.ns.svc' is no name of a Service"),
}


@pytest.mark.parametrize("scenario", PLACES)
def test_where_the_webhook_is(operator: Operator, tmp_path: Path, scenario: str) -> None:
    options, sentence = PLACES[scenario]
    assert sentence in refused(operator, tmp_path, **options)


def test_settings_that_cannot_be_used(operator: Operator, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("keepFinished: never\n")
    line = refused(operator, tmp_path, settings=settings)
    assert "keepFinished: write a duration as hours, minutes and seconds" in line


def test_api_server_unreachable(operator: Operator, tmp_path: Path) -> None:
    line = refused(operator, tmp_path, api_server=f"https://127.0.0.1:{free_port()}")
    assert "no answer from the API server" in line
    assert line.endswith(": check --api-server, and that the API server runs")


def test_api_server_of_another_ca(operator: Operator, tmp_path: Path) -> None:
    line = refused(operator, tmp_path, api_ca=operator.ca_file)
    assert line.endswith("its certificate is not signed by --api-ca; correct that, or --api-server")


def test_no_rights(gated: Gated, operator: Operator, tmp_path: Path) -> None:
    place = a_place(gated)
    place.cp.service_account(place.namespace, "other")
    token = tmp_path / "token"
    token.write_text(place.cp.service_account_token(place.namespace, "other"))
    line = refused(operator, tmp_path, api_token_file=token)
    assert "the API server answered 403 Forbidden" in line
    assert "apply the CustomResourceDefinitions and the operator's ClusterRole" in line


def test_a_token_that_is_none(operator: Operator, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("not-a-token")
    line = refused(operator, tmp_path, api_token_file=token)
    assert line.endswith("answered 401 Unauthorized: it does not accept our token; check --api-token-file")


def test_a_token_file_that_is_empty(operator: Operator, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("")
    line = refused(operator, tmp_path, api_token_file=token)
    assert line.endswith(f"({token} holds no token): correct --api-token-file")


def test_port_in_use(operator: Operator, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(operator, tmp_path, health_port=str(port))
    assert f"cannot listen on 127.0.0.1 port {port}" in line
    assert "give a free address with --health-host and --health-port" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_with_exit_code_0(operator: Operator, number: signal.Signals) -> None:
    operator.signal(number)
    wait_until(lambda: not operator.is_running, "the operator had ended", 5)
    assert operator.exit_code == 0
    operator.stop()


def test_help_names_every_option() -> None:
    done = subprocess.run(
        [PROGRAM, "run", "--help"], capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}
    )
    for option in ("--ca-file", "--url", "--service", "--health-port", "--api-server", "--api-token-file"):
        assert option in done.stdout
