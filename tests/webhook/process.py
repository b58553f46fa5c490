"""`kubeapprove-webhook` as people start it: a process, its two ports, and what it wrote."""

import http.client
import io
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.pki import Pair
from e2e.cluster.ports import free_port
from e2e.gated.health import health
from e2e.waiting import wait_until
from kubeapprove_webhook.main import main
from tests.webhook import reviews
from tests.webhook.apiserver import ApiServer
from tests.webhook.keymaterial import PATH, SECRETS
from tests.webhook.reviews import Object

PROGRAM = Path(sys.executable).parent / "kubeapprove-webhook"
SETTINGS_TEXT = "maxPending: 50\n"
_LEFT_OUT = ("KUBEAPPROVE_SETTINGS", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECTL")


def run(*arguments: str | Path, settings: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, without any of the caller's own settings."""
    env = {key: value for key, value in os.environ.items() if key not in _LEFT_OUT} | environment
    if settings is not None:
        env["KUBEAPPROVE_SETTINGS"] = str(settings)
    return subprocess.run([PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=30, check=False)


def run_here(*arguments: str, settings: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the same entry point in this process, where it serves nothing: to import all anew takes most of its time."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in _LEFT_OUT:
            patch.delenv(name, raising=False)
        for name, value in (environment | {"KUBEAPPROVE_SETTINGS": str(settings)}).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", [str(PROGRAM), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert code is None or isinstance(code, int), code
    return subprocess.CompletedProcess(arguments, code or 0, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Files:
    """What a start needs. `folder` holds settings and what the process writes."""

    folder: Path
    pair: Pair
    ca_file: Path
    token_file: Path

    @property
    def settings(self) -> Path:
        """The settings file, written where it is not there."""
        path = self.folder / "settings.yaml"
        if not path.exists():
            path.write_text(SETTINGS_TEXT)
        return path

    def arguments(
        self, api_server: str | Path, port: str | Path, health_port: str | Path, **other: str | Path
    ) -> list[str]:
        """Return the command line of `serve`."""
        options: dict[str, str | Path] = {
            "host": "127.0.0.1",
            "port": port,
            "health_host": "127.0.0.1",
            "health_port": health_port,
            "tls_certificate": self.pair.certificate,
            "tls_key": self.pair.key,
            "api_server": api_server,
            "api_ca": self.ca_file,
            "api_token_file": self.token_file,
            **other,
        }
        return ["serve", *(f"--{name.replace('_', '-')}={value}" for name, value in options.items())]


class Served:
    """A running webhook before a test's API server."""

    def __init__(self, files: Files, server: ApiServer, **options: str | Path) -> None:
        """`options`: of `serve`, beside those that a start needs; an empty one leaves that out."""
        server.secrets.update(SECRETS)
        self._files, self._server, self._options = files, server, options
        while not self._start():
            pass

    def _start(self) -> bool:
        """Start and wait until it is ready; False where somebody took one of the ports first."""
        files, server = self._files, self._server
        self.port, self.health_port = free_port(), free_port()
        output = Path(tempfile.mkdtemp(dir=files.folder))
        self._stdout, self._stderr = output / "stdout", output / "stderr"
        arguments = files.arguments(server.url, str(self.port), str(self.health_port), **self._options)
        command = [str(PROGRAM), *(argument for argument in arguments if not argument.endswith("="))]
        env = os.environ | {"KUBEAPPROVE_SETTINGS": str(files.settings)}
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self._process = subprocess.Popen(command, env=env, stdout=out, stderr=err)
        try:
            wait_until(self._is_ready, "the webhook is ready", 40)
        except BaseException:
            self.stop()
            raise
        return "cannot listen" not in self.output

    def _is_ready(self) -> bool:
        ended = self._process.poll() is not None
        assert not ended or "cannot listen" in self.output, self.output
        return ended or self.health("/readyz")[0] == 200

    @property
    def context(self) -> ssl.SSLContext:
        """A client's context that trusts our CA."""
        return ssl.create_default_context(cafile=str(self._files.ca_file))

    @property
    def records(self) -> list[Object]:
        """What was written to stdout."""
        return [json.loads(line) for line in self._stdout.read_text().splitlines()]

    @property
    def logs(self) -> list[Object]:
        """What was written to stderr."""
        return [json.loads(line) for line in self._stderr.read_text().splitlines()]

    @property
    def output(self) -> str:
        """Everything that was written."""
        return self._stdout.read_text() + self._stderr.read_text()

    def health(self, path: str) -> tuple[int, str]:
        """Return status and body of the health port, (0, "") where nobody answers."""
        return health(self.health_port, path)

    def judge(self, request: Object) -> Any:
        """Send one request's review; returns the `response`."""
        connection = self.connect()
        try:
            body = reviews.body(request)
            connection.request("POST", f"/{PATH}/changes?timeout=5s", body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())["response"]
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPSConnection:
        """Return a connection to the webhook's port."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.context)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send SIGTERM, or another signal that ends it."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end; returns the exit code."""
        return self._process.wait(15)

    def stop(self) -> None:
        """End it, however it is."""
        if self._process.poll() is None:
            self.terminate()
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
