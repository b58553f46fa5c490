"""The same figures make the same picture, byte for byte: a commit shows only what was measured anew."""

from pathlib import Path

from bench.gate.plan import Scenario
from bench.gate.plot import draw
from tests.bench.make import results


def test_the_same_file_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw(results(), first)
    draw(results(), second)
    assert first.read_bytes() == second.read_bytes()
    assert all(str(scenario) in first.read_text() for scenario in Scenario)
