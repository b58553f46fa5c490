"""The page: a run writes between its markers, and touches nothing else."""

from pathlib import Path

import pytest

from e2e.cluster.errors import ClusterError
from e2e.storm import page
from e2e.storm.explanations import Fault
from e2e.storm.report import Facts, line, problems, section
from e2e.storm.sample import Kind
from tests.storm.samples import phase, sample

FACTS = Facts(cores=2, kubernetes="1.37.2", month="November 2026", rate=50)
PHASES = (
    phase(sample(at=1), sample(Kind.PERSON, at=2), fault=Fault.NONE, blows=()),
    phase(sample(outcome="webhook not reached: hung up", at=11), sample(Kind.DECISION, "Unavailable", at=11)),
)


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    page.write(["new", "lines"], file)
    assert file.read_text() == f"before\n{page.BEGIN}\nnew\nlines\n{page.END}\nafter\n"


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n")
    with pytest.raises(ClusterError, match="no place for the storm"):
        page.write(["new"], file)
    assert file.read_text() == "before\n"


def test_the_real_page_has_a_place() -> None:
    assert f"{page.BEGIN}\n" in page.PAGE.read_text()


def test_the_section_sums_up_and_explains() -> None:
    text = "\n".join(section(PHASES, FACTS))
    assert "**Wrong allows: 0. People affected: 0. False refusals: 1, for reasons that nobody knows: 0.**" in text
    assert "| webhook not reached: hung up | 1 | kill -9 of each replica (1) | the replica died" in text
    assert "2 cores" in text


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    rows = [row for row in section(PHASES, FACTS) if row.startswith("|")]
    widths = {row.count("|") for row in rows}
    assert widths == {7, 8, 5}


def test_a_phase_is_told_in_a_line() -> None:
    assert "1 webhook not reached: hung up" in line(PHASES[1])


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (phase(wrong=("stored twice",)), "stored twice"),
        (phase(calls=("the gate was asked",)), "the gate was asked"),
        (phase(sample(Kind.PERSON, "Forbidden")), "kill -9 of each replica: person: Forbidden after 0.1 s"),
        (phase(sample(outcome="New"), fault=Fault.NONE), "nothing: 1 of New, such as no change: no message"),
    ],
)
def test_what_must_not_be_fails_the_run(broken: object, sentence: str) -> None:
    assert isinstance(broken, type(PHASES[0]))
    assert problems([*PHASES, broken]) == [sentence]
