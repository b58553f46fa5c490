"""The page's tables are rendered from the committed figures, and nothing else of the page is touched."""

from pathlib import Path

import pytest

from bench.gate.docs import BEGIN, DOCS, END, NOT_MEASURED, put_into_page, section_of
from bench.gate.report import section
from bench.gate.results import Results
from tests.bench.make import results

FIGURES = DOCS / "assets" / "performance-gate.json"


def test_the_page_says_what_the_committed_figures_say() -> None:
    measured = FIGURES.exists()
    expected = section(Results.model_validate_json(FIGURES.read_text())) if measured else NOT_MEASURED
    assert section_of(DOCS / "performance.md") == expected


def test_only_the_part_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n")
    put_into_page(page, "new\n")
    assert page.read_text() == f"# Before\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n"
    assert section_of(page) == "new\n"


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no markers\n")
    with pytest.raises(ValueError, match="must have"):
        put_into_page(page, "new\n")


def test_figures_survive_their_json() -> None:
    assert Results.model_validate_json(results().model_dump_json()) == results()


def test_every_line_fits() -> None:
    prose = [line for line in section(results()).splitlines() if not line.startswith("|")]
    assert max(map(len, prose)) <= 120
