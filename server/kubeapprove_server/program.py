"""How a command of ours ends."""

import sys
from collections.abc import Callable

from kubeapprove_server.errors import KubeapproveServerError


def run(name: str, command: Callable[[], None]) -> None:
    """Run the command line called `name`; our own errors are one sentence and exit 1."""
    try:
        command()
    except KubeapproveServerError as error:
        sys.stderr.write(f"{name}: {error}\n")
        sys.exit(1)
