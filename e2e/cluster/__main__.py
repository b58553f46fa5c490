"""The control plane for people: `python -m e2e.cluster up`, `down`, `build`."""

import argparse
import sys
from pathlib import Path

from e2e.cluster import background, envtest
from e2e.cluster.binaries import locate
from e2e.cluster.cache import KUBERNETES_VERSION, KUBERNETES_VERSIONS, cache_root
from e2e.cluster.errors import ClusterError
from e2e.cluster.identities import KNOWN

ENVIRONMENT = f"""\
environment:
  K8S                       which Kubernetes: {", ".join(KUBERNETES_VERSIONS)} (default: {KUBERNETES_VERSION})
  KUBEBUILDER_ASSETS        a folder with etcd, kube-apiserver and kubectl, which is used instead of anything below
  KUBEAPPROVE_CACHE         where the programs are kept (default: {cache_root()})
  KUBEAPPROVE_ENVTEST_INDEX where the published envtest archives are listed; empty: none is used, all is built here.
                            One that is not here after {envtest.SECONDS:.0f} s, or has a wrong checksum, is never used
"""


def main() -> int:
    """Run one command; a ClusterError is its sentence on stderr and exit code 1."""
    arguments = _parser().parse_args()
    state: Path = arguments.state.expanduser().absolute()
    try:
        if arguments.command == "build":
            locate()
        elif arguments.command == "up":
            _up(state)
        else:
            print("stopped" if background.down(state) else "nothing is running there", file=sys.stderr)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _up(state: Path) -> None:
    """Say who may speak to it; the folder is the last line and the only one on stdout, for scripts."""
    started = background.up(state)
    print("a control plane is up" if started else "a control plane is already running here", file=sys.stderr)
    print(f"identities: {', '.join(f'{name}.kubeconfig' for name in KNOWN)}", file=sys.stderr)
    print(state)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m e2e.cluster",
        description=__doc__,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("up", "down", "build"))
    parser.add_argument(
        "--state", type=Path, default=cache_root() / "cluster", help="its folder (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
