"""docs/cases.md names a test, a page or a wait for every case, and every test it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "cases.md").read_text()
ROWS = re.findall(r"^\| ([CK]\d{3}) \| [^|]+ \| (.+) \|$", TEXT, re.MULTILINE)


def test_every_case_has_its_row() -> None:
    numbers = [name for name, _ in ROWS if name.startswith("C")]
    assert numbers == [f"C{number:03}" for number in range(1, 104)]


def test_every_row_says_something() -> None:
    assert [name for name, said in ROWS if not re.search(r"`\w+/test_\w+`|\[docs/|\*waits for", said)] == []


def test_named_tests_exist() -> None:
    named = set(re.findall(r"`(\w+/test_\w+)`", TEXT))
    assert named
    assert [name for name in sorted(named) if not (ROOT / "tests" / f"{name}.py").is_file()] == []
