"""`python -m tests.judge FOLDER`: what core and the judge say of recorded reviews."""

import sys
from pathlib import Path

from tests.judge.recorded import check, read


def main() -> int:
    """Print the report; 1 where they differ, 2 where there is nothing to judge."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: python -m tests.judge FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    report = check(read(Path(sys.argv[1])))
    print(report)  # noqa: T201
    return 2 if not report.reviews else 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
