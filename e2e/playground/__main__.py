"""A gated cluster to try things on, left running: `python -m e2e.playground up` and `down`.

Made for scripts: the only line on stdout is the folder with `kubectl`, `kubectl-approve` and NAME.kubeconfig.
"""

import argparse
import hashlib
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType

from e2e.cluster.cache import cache_root
from e2e.cluster.errors import ClusterError
from e2e.playground import playground
from e2e.playground.playground import Was

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run one command; whatever goes wrong is one sentence on stderr and exit code 1."""
    arguments = _parser().parse_args()
    folder: Path = arguments.state.expanduser().absolute()
    signal.signal(signal.SIGTERM, _exit)  # so that what was started detached is ended again
    try:
        if arguments.command == "up":
            _up(folder)
        else:
            _say("stopped" if playground.down(folder) else "no playground is running there")
    except ClusterError as error:
        _say(f"error: {error}")
        return 1
    except OSError as error:
        _say(f"error: {error.filename or folder}: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _up(folder: Path) -> None:
    if playground.up(folder, _say) is Was.RUNNING:
        _say("the playground is already running")
    where = shlex.quote(str(folder))
    _say(
        f"\nTry it, as the agent and as alice, who may approve (so may bob; carol may not):\n"
        f"  export PATH={where}:$PATH\n"
        f"  KUBECONFIG={where}/agent.kubeconfig kubectl create configmap greeting --from-literal=text=hello\n"
        f"  KUBECONFIG={where}/alice.kubeconfig kubectl approve list\n"
        f"  KUBECONFIG={where}/alice.kubeconfig kubectl approve yes create-configmaps-greeting -m 'fine'\n"
        f"What needs whose approval is said by the policy `agents`, which the admin may change:\n"
        f"  KUBECONFIG={where}/admin.kubeconfig kubectl edit ap agents\n"
        f"The servers' logs are in {where}/cluster/webhook and {where}/cluster/operator, their pids in\n"
        f"{where}/cluster/processes.json. `make playground-down` ends it. The folder with all of it:"
    )
    print(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m e2e.playground", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument(
        "--state", type=Path, default=_default(), help="its folder, as STATE=folder for make (default: %(default)s)"
    )
    return parser


def _default() -> Path:
    """One for each checkout, so that two of them never meet."""
    return cache_root() / f"playground-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _exit(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
