"""Writes a run's section into docs/reliability.md, between its markers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from e2e.cluster.errors import ClusterError
from e2e.gated.gated import ROOT

PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN: Final = "<!-- begin: python -m e2e.storm -->"
END: Final = "<!-- end -->"


def write(lines: Iterable[str], page: Path = PAGE) -> None:
    """Replace what is between the markers; everything else stays as it is."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ClusterError(
            f"{page.name} has no place for the storm: put the lines {BEGIN!r} and {END!r} where it goes."
        )
    page.write_text(before + begin + "\n".join(lines) + "\n" + end + after, encoding="utf-8")
