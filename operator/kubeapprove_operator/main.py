"""The command `kubeapprove-operator`."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kubeapprove.durations import parse_duration
from kubeapprove_server.errors import StartupError
from kubeapprove_server.options import (
    ApiCa,
    ApiServer,
    ApiTokenFile,
    HealthHost,
    HealthPort,
    WebhookService,
    WebhookUrl,
)
from kubeapprove_server.program import run as run_program
from kubeapprove_server.settings_file import load_settings

if TYPE_CHECKING:
    from kubeapprove_operator.api import Api

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The operator of kubeapprove: keeps approvals and the webhook registration true. Nothing waits for it.",
)


@app.callback()
def _program() -> None:
    """Keep `run` a command of its own."""


@app.command()
def run(  # noqa: PLR0913 (options of a command line)
    *,
    ca_file: Annotated[
        Path | None, typer.Option(help="CA of the webhook's certificate, PEM; with none of these an own one is kept.")
    ] = None,
    ca_secret: Annotated[str, typer.Option(help="Secret in our namespace whose ca.crt is that CA.")] = "",
    authority_life: Annotated[str, typer.Option(help="How long an own authority is valid; 24h, 1h30m.")] = "17520h",
    certificate_life: Annotated[str, typer.Option(help="And a certificate of it.")] = "2160h",
    url: WebhookUrl = "",
    service: WebhookService = "",
    health_host: HealthHost = "0.0.0.0",  # noqa: S104 (a server in a Pod)
    health_port: HealthPort = 8080,
    api_server: ApiServer = "",
    api_ca: ApiCa = None,
    api_token_file: ApiTokenFile = None,
) -> None:
    """Run until SIGTERM. Settings come from the file in $KUBEAPPROVE_SETTINGS."""
    import uvloop

    from kubeapprove_operator.authority import Lives
    from kubeapprove_operator.server import Options, serve
    from kubeapprove_server.client import api_config
    from kubeapprove_server.logs import configure_logs
    from kubeapprove_server.place import Place

    configure_logs()
    if ca_file is not None and not ca_file.is_file():
        raise StartupError(f"{ca_file} does not exist: correct --ca-file")
    if ca_file is not None and ca_secret:
        raise StartupError("--ca-file and --ca-secret exclude each other: give the one that holds the CA")
    place = Place(url, service)
    place.check()
    api = api_config(api_server, api_ca, api_token_file)
    lives = Lives(_life("--authority-life", authority_life), _life("--certificate-life", certificate_life))
    options = Options(api, place, health_host, health_port, ca_file, ca_secret, lives)
    uvloop.run(serve(options, load_settings()))


_LONGEST = timedelta(days=3650)


def _life(option: str, text: str) -> timedelta:
    try:
        return parse_duration(text, _LONGEST)
    except ValueError as error:
        raise StartupError(f"{option} {text}: {error}") from None


@app.command()
def crds() -> None:
    """Bring the CustomResourceDefinitions to this version: before an upgrade, for Helm never does."""
    from kubeapprove_operator.installing import apply_definitions

    _once(apply_definitions)


@app.command()
def unregister() -> None:
    """Stop the operator and take the webhook registration away: before everything else of ours goes."""
    from kubeapprove_operator.installing import unregister as take_away

    settings = load_settings()
    _once(lambda api: take_away(api, settings.system_namespace))


@app.command()
def sneak(
    namespace: Annotated[str, typer.Option(help="Where to try it.")],
    patience: Annotated[float, typer.Option(min=1, help="Seconds until the gate has to know this agent.")] = 60.0,
) -> None:
    """As an agent in a Pod, try to get changes past the gate; exit 0 when all are refused."""
    from kubeapprove_operator.installing import sneak as try_it

    _once(lambda api: try_it(api, namespace, patience=patience))


def _once(work: Callable[["Api"], Coroutine[None, None, None]]) -> None:
    """Run one short piece of work as the Pod's own ServiceAccount."""
    import asyncio

    from kubeapprove_operator.api import Api
    from kubeapprove_server.client import api_config
    from kubeapprove_server.logs import configure_logs

    configure_logs()

    async def run() -> None:
        api = Api(api_config("", None, None))
        await api.open()
        try:
            await work(api)
        finally:
            await api.close()

    asyncio.run(run())


def main() -> None:
    """Entry point of `kubeapprove-operator`."""
    run_program("kubeapprove-operator", app)
