"""The command `kubeapprove-operator`."""

import typer

from kubeapprove_server.errors import StartupError
from kubeapprove_server.options import (
    ApiCa,
    ApiServer,
    ApiTokenFile,
    CaFile,
    HealthHost,
    HealthPort,
    WebhookService,
    WebhookUrl,
)
from kubeapprove_server.program import run as run_program
from kubeapprove_server.settings_file import load_settings

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
    ca_file: CaFile,
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

    from kubeapprove_operator.server import Options, serve
    from kubeapprove_server.client import api_config
    from kubeapprove_server.logs import configure_logs
    from kubeapprove_server.place import Place

    configure_logs()
    if not ca_file.is_file():
        raise StartupError(f"{ca_file} does not exist: correct --ca-file")
    place = Place(ca_file, url, service)
    place.check()
    api = api_config(api_server, api_ca, api_token_file)
    options = Options(api, place, health_host, health_port)
    uvloop.run(serve(options, load_settings()))


def main() -> None:
    """Entry point of `kubeapprove-operator`."""
    run_program("kubeapprove-operator", app)
