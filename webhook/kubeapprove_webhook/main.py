"""The command `kubeapprove-webhook`: serve, and register with the API server."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from kubeapprove.registration import Endpoint, render_registration
from kubeapprove_server.errors import StartupError
from kubeapprove_server.options import ApiCa, ApiServer, ApiTokenFile, HealthHost, HealthPort
from kubeapprove_server.program import run
from kubeapprove_server.settings_file import load_settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The webhook of kubeapprove: answers the API server about agents' changes and people's decisions.",
)


@app.command()
def serve(  # noqa: PLR0913 (options of a command line)
    *,
    tls_certificate: Annotated[Path, typer.Option(help="Serving certificate chain, PEM.")],
    tls_key: Annotated[Path, typer.Option(help="Its private key, PEM.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 (a server in a Pod)
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the webhook.")] = 9443,
    health_host: HealthHost = "0.0.0.0",  # noqa: S104
    health_port: HealthPort = 8080,
    api_server: ApiServer = "",
    api_ca: ApiCa = None,
    api_token_file: ApiTokenFile = None,
) -> None:
    """Serve until SIGTERM. Settings come from the file in $KUBEAPPROVE_SETTINGS."""
    import uvloop

    from kubeapprove_server.client import api_config
    from kubeapprove_server.logs import configure_logs
    from kubeapprove_webhook.server import Options
    from kubeapprove_webhook.server import serve as run

    configure_logs()
    options = Options(
        host, port, health_host, health_port, tls_certificate, tls_key, api_config(api_server, api_ca, api_token_file)
    )
    uvloop.run(run(options, load_settings()))


@app.command()
def register(
    *,
    ca_file: Annotated[Path, typer.Option(help="CA of the serving certificate, PEM.")],
    url: Annotated[str, typer.Option(help="Base URL, where the webhook runs outside of the cluster.")] = "",
    service: Annotated[
        str, typer.Option(help="Service in our namespace, where it runs inside.")
    ] = "kubeapprove-webhook",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the registration, apply nothing.")] = False,
) -> None:
    """Apply the webhook registration with kubectl and the current kubeconfig: agents are gated from here on."""
    from kubeapprove_server.secret_path import PATH_SECRET, read_path

    settings = load_settings()
    namespace = settings.system_namespace
    secret = _kubectl("get", "secret", PATH_SECRET, "-n", namespace, "-o", "json")
    endpoint = Endpoint(
        secret_path=read_path(_object(secret), namespace),
        ca_bundle=base64.b64encode(_read(ca_file)).decode("ascii"),
        url=url,
        service_namespace=namespace,
        service_name=service,
    )
    items: list[dict[str, Any]] = render_registration(settings, endpoint)
    if dry_run:
        typer.echo(yaml.safe_dump_all(items, sort_keys=False, width=10_000), nl=False)
        return
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    arguments = ("apply", "--server-side", "--force-conflicts", "--field-manager=kubeapprove", "-f", "-")
    typer.echo(_kubectl(*arguments, stdin=manifest), nl=False)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartupError(f"{path} cannot be read ({error.strerror}): correct --ca-file") from None


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StartupError("kubectl did not answer with an object in JSON: check what $KUBECTL names")
    return document


def _kubectl(*arguments: str, stdin: str | None = None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 (arguments are ours)
            [os.environ.get("KUBECTL", "kubectl"), *arguments], input=stdin, capture_output=True, text=True, check=False
        )
    except OSError:
        raise StartupError("kubectl cannot be run: install it on the PATH, or name it in $KUBECTL") from None
    if done.returncode != 0:
        raise StartupError(f"kubectl {arguments[0]} failed: {' '.join(done.stderr.split())}")
    return done.stdout


def main() -> None:
    """Entry point of `kubeapprove-webhook`."""
    run("kubeapprove-webhook", app)
