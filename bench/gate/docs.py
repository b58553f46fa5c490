"""Where the figures go, and the part of the page that is rendered from them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

DOCS = Path(__file__).parents[2] / "docs"
BEGIN = "<!-- begin: python -m bench.gate -->"
END = "<!-- end -->"
NOT_MEASURED = "What a request costs end to end is not measured yet: `make bench`.\n"


@dataclass(frozen=True, slots=True)
class Files:
    """The three files of one run."""

    results: Path
    plot: Path
    page: Path

    @classmethod
    def in_docs(cls) -> Self:
        """Those that are committed."""
        assets = DOCS / "assets"
        assets.mkdir(exist_ok=True)
        return cls(assets / "performance-gate.json", assets / "performance.svg", DOCS / "performance.md")

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Those of a trial; its page is the rendered part alone."""
        return cls(*(folder / name for name in ("performance-gate.json", "performance.svg", "performance.md")))


def put_into_page(page: Path, text: str) -> None:
    """Replace what stands between the markers."""
    before, _, after = _split(page)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def section_of(page: Path) -> str:
    """Return what stands between the markers."""
    return _split(page)[1]


def _split(page: Path) -> tuple[str, str, str]:
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    section, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} must have {BEGIN} and {END}, each once")
    return before, section.removeprefix("\n\n").removesuffix("\n"), after
