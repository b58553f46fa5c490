"""What nodes are made of: `python -m e2e.node build` installs system packages where they are missing, and builds."""

import argparse
import sys

from e2e.cluster.errors import ClusterError
from e2e.node import packages
from e2e.node.binaries import locate


def main() -> int:
    """Run one command; a ClusterError is its sentence on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m e2e.node", description=__doc__)
    parser.add_argument("command", choices=("build",))
    parser.parse_args()
    try:
        packages.install()
        locate(build=True)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
