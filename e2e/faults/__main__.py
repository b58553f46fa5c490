"""The soak of faults for people: `python -m e2e.faults --seconds 300`. Ends by itself; exit code 1 where it failed."""

import argparse
import random
import sys

from e2e.cluster.errors import ClusterError
from e2e.faults.soak import soak


def main() -> int:
    """Run it and print what comes."""
    parser = argparse.ArgumentParser(prog="python -m e2e.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long, about (default: %(default).0f)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what breaks (default: any)")  # noqa: S311
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    try:
        for line in soak(arguments.seconds, arguments.seed):
            print(line, flush=True)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
