"""What the gate costs a request, through a real API server: `python -m bench.gate`.

Writes docs/assets/performance-gate.json, docs/assets/performance.svg and the tables of docs/performance.md; with
`--out FOLDER` the three go there and the docs stay as they are. Nothing else may run on the machine meanwhile.
"""

import argparse
import sys
import time
from pathlib import Path

from bench.gate import docs
from bench.gate.plan import Extent
from bench.gate.plot import draw
from bench.gate.report import section
from bench.gate.run import run
from e2e.cluster.errors import ClusterError


def main() -> int:
    """Measure, write, and print what was written."""
    extent, out = _arguments()
    started = time.monotonic()
    try:
        results = run(extent, say=_say)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    files = docs.Files.in_docs() if out is None else docs.Files.in_folder(out)
    files.results.write_text(results.model_dump_json(indent=1) + "\n", encoding="utf-8")
    draw(results, files.plot)
    text = section(results)
    if out is None:
        docs.put_into_page(files.page, text)
    else:
        files.page.write_text(text, encoding="utf-8")
    print(text)
    _say(f"{files.results}, {files.plot} and {files.page} written, {time.monotonic() - started:.0f} s in all")
    return 0


def _arguments() -> tuple[Extent, Path | None]:
    usual = Extent()
    parser = argparse.ArgumentParser(prog="python -m bench.gate", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="at most, for each scenario in each round")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="how often everything is measured")
    parser.add_argument("--flat-rounds", type=int, default=usual.flat_rounds, help="the same without and with --others")
    parser.add_argument("--others", type=int, default=usual.others, help="how many approvals exist besides, then")
    parser.add_argument("--out", type=Path, help="an existing folder; default: the docs")
    given = parser.parse_args()
    return Extent(given.seconds, given.rounds, given.flat_rounds, given.others), given.out


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
