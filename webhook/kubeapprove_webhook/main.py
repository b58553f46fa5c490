"""The command `kubeapprove-webhook`: serve, and register with the API server."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from kubeapprove.policies import POLICY_PLURAL
from kubeapprove.policycheck import read_policy
from kubeapprove.registration import render_registration
from kubeapprove.resources import GROUP
from kubeapprove.ruling import Policies
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
from kubeapprove_server.program import run
from kubeapprove_server.settings_file import load_settings

_LOG_LINE: Final = re.compile(r"[EIWF][0-9]{4} [0-9:.]+ ")
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The webhook of kubeapprove: answers the API server about agents' changes and people's decisions.",
)


@app.command()
def serve(  # noqa: PLR0913 (options of a command line)
    *,
    tls_certificate: Annotated[Path | None, typer.Option(help="Serving certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM.")] = None,
    tls_secret: Annotated[
        str,
        typer.Option(help="Secret in our namespace with both, in place of files: the operator's, or cert-manager's."),
    ] = "",
    client_ca: Annotated[
        Path | None, typer.Option(help="CA, PEM: only clients whose certificate it signed may ask (the API server's).")
    ] = None,
    client_name: Annotated[str, typer.Option(help="Common name of that certificate.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 (a server in a Pod)
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the webhook.")] = 9443,
    health_host: HealthHost = "0.0.0.0",  # noqa: S104
    health_port: HealthPort = 8080,
    leave_seconds: Annotated[
        float,
        typer.Option(
            min=0, max=60, help="After SIGTERM, how long to go on, each answer being the last on its connection."
        ),
    ] = 0.0,
    api_server: ApiServer = "",
    api_ca: ApiCa = None,
    api_token_file: ApiTokenFile = None,
) -> None:
    """Serve until SIGTERM. Settings come from the file in $KUBEAPPROVE_SETTINGS."""
    import uvloop

    from kubeapprove_server.client import api_config
    from kubeapprove_server.logs import configure_logs
    from kubeapprove_webhook.server import Options, Tls
    from kubeapprove_webhook.server import serve as run

    configure_logs()
    tls = Tls(tls_certificate, tls_key, tls_secret, client_ca, client_name)
    try:
        tls.check()
    except StartupError as error:
        raise typer.BadParameter(str(error)) from None
    api = api_config(api_server, api_ca, api_token_file)
    options = Options(host, port, health_host, health_port, api, tls, leave_seconds)
    uvloop.run(run(options, load_settings()))


@app.command()
def register(
    *,
    ca_file: CaFile,
    url: WebhookUrl = "",
    service: WebhookService = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the registration, apply nothing.")] = False,
) -> None:
    """Apply the webhook registration with kubectl and the current kubeconfig: agents are gated from here on.

    For the agents that policies name now; the operator follows the policies.
    """
    from kubeapprove_server.place import Place, read_ca
    from kubeapprove_server.secret_path import PATH_SECRET

    settings, place = load_settings(), Place(url, service)
    place.check()
    ca = read_ca(ca_file)  # before the cluster is asked for anything
    namespace = settings.system_namespace
    secret = _object(_kubectl("get", "secret", PATH_SECRET, "-n", namespace, "-o", "json"))
    listed = _object(_kubectl("get", POLICY_PLURAL + "." + GROUP, "-o", "json")).get("items")
    policies = Policies([read_policy(raw, settings) for raw in (listed if isinstance(listed, list) else [])])
    items = render_registration(settings, policies.people.agents, place.endpoint(secret, namespace, ca))
    if dry_run:
        typer.echo(yaml.safe_dump_all(items, sort_keys=False, width=10_000), nl=False)
        return
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    arguments = ("apply", "--server-side", "--force-conflicts", "--field-manager=kubeapprove", "-f", "-")
    typer.echo(_kubectl(*arguments, stdin=manifest), nl=False)


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StartupError("kubectl did not answer with an object in JSON: check what $KUBECTL names")
    return document


def _kubectl(*arguments: str, stdin: str = "") -> str:
    """Run kubectl; never with the terminal as its input, where it would wait unseen for a password."""
    try:
        done = subprocess.run(  # noqa: S603 (arguments are ours)
            [os.environ.get("KUBECTL", "kubectl"), *arguments], input=stdin, capture_output=True, text=True, check=False
        )
    except OSError:
        raise StartupError("kubectl cannot be run: install it on the PATH, or name it in $KUBECTL") from None
    if done.returncode != 0:
        raise StartupError(f"kubectl {arguments[0]} failed: {_told(done.stderr)}")
    return done.stdout


_REMEDIES = {
    r"The connection to the server|Unable to connect to the server|connection refused|i/o timeout": (
        "check that kubectl's context is the cluster to be gated, and that it runs"
    ),
    r"\(NotFound\): secrets ": "start the webhook, which makes it, or correct systemNamespace in the settings",
    r"\(NotFound\): namespaces ": "apply the manifests of kubeapprove first",
    r"\(Forbidden\)": "register as somebody who may read that Secret and write webhook configurations",
    r"Unauthorized|provide credentials|for (?:Username|Password)|error: EOF": (
        "kubectl has no valid credentials for this cluster; log in again"
    ),
    r"context was not found|context .*does not exist": "see `kubectl config get-contexts`",
}
"""What kubectl's last message says: what to do about it."""


def _told(stderr: str) -> str:
    """Return kubectl's own message, without the log lines of its libraries, and what to do about it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not _LOG_LINE.match(line)]
    message = " ".join(lines) or "it does not say why; try `kubectl get namespaces`"
    remedy = next((remedy for sign, remedy in _REMEDIES.items() if re.search(sign, message)), "")
    return f"{message}: {remedy}" if remedy else message


def main() -> None:
    """Entry point of `kubeapprove-webhook`."""
    run("kubeapprove-webhook", app)
