"""One process, two ports: the webhook over TLS and health over plain HTTP; SIGTERM drains both."""

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from kubeapprove.resources import ManifestApproval
from kubeapprove.settings import Settings
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import KubeapproveServerError, StartupError
from kubeapprove_server.policies import PolicyStore
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.app import create_app
from kubeapprove_webhook.gate import Gate
from kubeapprove_webhook.guard import Guard
from kubeapprove_webhook.health import create_health_app
from kubeapprove_webhook.keys import Keys, load_keys
from kubeapprove_webhook.leaving import App, Leaving
from kubeapprove_webhook.serving import Files, Secret, Serving, Source, only_from
from kubeapprove_webhook.waiting import Waiting

_DRAIN_SECONDS = 10
# Longer than the 90 s after which Go's client drops an idle connection: it closes first, no call meets a closed one.
_KEEP_ALIVE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Tls:
    """With which certificate to serve, and whom."""

    certificate: Path | None = None
    key: Path | None = None
    secret: str = ""
    client_ca: Path | None = None
    client_name: str = ""

    def check(self) -> None:
        """Raise StartupError where it is not said, or said twice, with which certificate to serve."""
        is_file, is_half = self.certificate is not None, (self.certificate is None) != (self.key is None)
        if bool(self.secret) == is_file or is_half:
            raise StartupError("give the serving certificate as --tls-certificate and --tls-key, or as --tls-secret")
        if bool(self.client_ca) != bool(self.client_name):
            raise StartupError(
                "--client-ca and --client-name belong together: the cluster's CA signs many certificates, and only the "
                "API server's own may ask"
            )

    def source(self, api: Api, namespace: str) -> Source:
        """Return where the certificate comes from."""
        if self.certificate is not None and self.key is not None:
            return Files(self.certificate, self.key)
        return Secret(api, namespace, self.secret)


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, with which certificate, and where the API server is."""

    host: str
    port: int
    health_host: str
    health_port: int
    api: ApiConfig
    tls: Tls
    leave_seconds: float = 0.0


class _Server(uvicorn.Server):
    """Signals are ours: two servers in one process stop together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(options: Options, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises StartupError where that is not possible."""
    api = Api(options.api)
    serving = Serving(options.tls.source(api, settings.system_namespace), options.tls.client_ca)
    await api.open()
    try:
        await serving.load()
        keys, cluster = await _learn(api, settings)
        waiting, policies = Waiting(api), PolicyStore(api, settings)
        gate = Gate(api, settings, settings.hiding(keys.hmac), cluster, waiting, policies)
        app = Leaving(create_app(gate=gate, guard=Guard(api, settings, policies), secret_path=keys.path, emit=emit))
        health = create_health_app(api, policies, serving, settings.approvals_namespace)
        ManifestApproval.model_rebuild()  # 30 ms that the first request must not pay
        servers = [
            _server(app, serving.context, options.tls.client_name),
            _server(health),
        ]
        places = ((options.host, options.port), (options.health_host, options.health_port))
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(_listen(*place)) for place in places]
            _stop_on_signals(servers, app, options.leave_seconds)
            background = [
                asyncio.create_task(work) for work in (waiting.keep_counting(), policies.keep(), serving.keep())
            ]
            served = [
                asyncio.create_task(server.serve([listener])) for server, listener in zip(servers, sockets, strict=True)
            ]
            try:
                # None of the background ends by itself: where one did, what it keeps true would silently grow old.
                await asyncio.wait([*served, *background], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for server in servers:
                    server.should_exit = True
                await asyncio.wait(served)
                for task in background:
                    task.cancel()
                await asyncio.wait(background)
            for task in (*served, *background):
                if not task.cancelled() and (error := task.exception()) is not None:
                    raise StartupError(
                        f"a part of the webhook ended ({type(error).__name__}): it has to be started anew; see the log"
                    ) from error
    finally:
        await api.close()


async def _learn(api: Api, settings: Settings) -> tuple[Keys, str]:
    try:
        return await load_keys(api, settings.system_namespace), await api.cluster_uid(within=10.0)
    except StartupError:
        raise
    except KubeapproveServerError as error:
        raise StartupError(
            f"{error}: the webhook's ServiceAccount needs to get and create Secrets in {settings.system_namespace} and "
            "to get the namespace kube-system, and the API server must be reachable"
        ) from None


def emit(document: dict[str, Any]) -> None:
    """Write one record to stdout, a line of JSON."""
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises StartupError where the address is taken or not ours."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        why = (error.strerror or type(error).__name__).partition(" (while")[0]  # Python repeats the address there
        raise StartupError(
            f"cannot listen on {host} port {port} ({why}): give a free address with --host and --port, or "
            "--health-host and --health-port"
        ) from None


def _server(app: App, context: ssl.SSLContext | None = None, client_name: str = "") -> _Server:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=only_from(client_name) if client_name else "httptools",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_context_factory=None if context is None else lambda *_: context,
    )
    return _Server(config)


def _stop_on_signals(servers: list[_Server], app: Leaving, leave_seconds: float) -> None:
    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, app.begin, leave_seconds, stop)
    loop.add_signal_handler(signal.SIGINT, stop)
