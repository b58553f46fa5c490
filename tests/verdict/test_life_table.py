"""The table of docs/deciding.md says what core does, and is about approvals that are in the phases it names."""

from kubeapprove.resources import Phase
from tests.verdict import life_table

TEXT = life_table.PAGE.read_text()


def test_the_page_holds_the_table_of_today() -> None:
    assert life_table.written(TEXT) == life_table.table(), "run python -m tests.verdict.life_table"


def test_a_stale_table_is_replaced_and_nothing_else() -> None:
    stale = TEXT.replace(life_table.table(), "| stale |\n")
    assert stale != TEXT
    assert life_table.renewed(stale) == TEXT


def test_each_column_is_about_an_approval_in_its_phase() -> None:
    assert {phase: scene.phase() for phase, scene in life_table.SCENES.items()} == {
        phase: str(phase) for phase in life_table.SCENES
    }
    assert set(life_table.SCENES) == set(Phase) - {Phase.INVALID}
