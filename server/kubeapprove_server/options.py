"""Options that the commands of all servers take, with one help text each."""

from pathlib import Path
from typing import Annotated

import typer

from kubeapprove_server.place import SERVICE

HealthHost = Annotated[str, typer.Option(help="Address of health and metrics.")]
HealthPort = Annotated[int, typer.Option(min=0, max=65535, help="Port of /livez, /readyz and /metrics.")]
ApiServer = Annotated[str, typer.Option(help="URL of the API server; empty: the Pod's own.")]
ApiCa = Annotated[Path | None, typer.Option(help="Its CA, PEM.")]
ApiTokenFile = Annotated[Path | None, typer.Option(help="File with our ServiceAccount's token.")]
CaFile = Annotated[Path, typer.Option(help="CA of the webhook's serving certificate, PEM.")]
WebhookUrl = Annotated[str, typer.Option(help="Base URL of the webhook, where it runs outside of the cluster.")]
WebhookService = Annotated[
    str, typer.Option(show_default=SERVICE, help="The webhook's Service in our namespace, where it runs inside.")
]
