"""Real nodes for people: `python -m e2e.node build`, and `up`, which runs a cluster until Ctrl-C.

`build` installs system packages where they are missing, and builds everything else, once. `up` prints the kubeconfig of
its admin; `--nodes 2` makes another node, and the image kubeapprove:local, of this tree, is on all of them.
"""

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from e2e import image
from e2e.cluster.errors import ClusterError
from e2e.node import packages
from e2e.node.binaries import locate
from e2e.node.cluster import RealCluster


def main() -> int:
    """Run one command; a ClusterError is its sentence on stderr and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="python -m e2e.node", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("build", "up"))
    parser.add_argument("--nodes", type=int, default=1, help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            packages.install()
            locate(build=True)
        else:
            _up(arguments.nodes)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _up(nodes: int) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell has it ignored
    print("starting a cluster with real nodes, about a minute", file=sys.stderr)
    with RealCluster(nodes=[f"node-{number}" for number in range(1, nodes + 1)]) as cluster:
        with tempfile.TemporaryDirectory(prefix="kubeapprove-image-") as folder:
            cluster.import_image(image.make(Path(folder)))
        control_plane = cluster.control_plane
        programs = (Path(sys.executable).parent, control_plane.kubectl_binary.parent, cluster.binaries.helm.parent)
        print("The nodes have the image kubeapprove:local. It runs until Ctrl-C. In another shell:", file=sys.stderr)
        print(f"export PATH={':'.join(map(str, programs))}:$PATH", flush=True)
        print(f"export KUBECONFIG={control_plane.kubeconfig('admin')}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
