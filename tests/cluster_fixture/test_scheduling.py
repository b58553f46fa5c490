"""Which file a worker takes next: as few control planes as the work allows, and every file in the end."""

import pytest

from tests.scheduling import next_file

OPERATOR, GATE, CRD, CHART = (
    "tests/operator/test_a.py",
    "tests/gate/test_a.py",
    "tests/crd/test_a.py",
    "tests/chart/t.py",
)
PURE, WEBHOOK, MORE = "tests/change/test_a.py", "tests/webhook/test_a.py", "tests/gate/test_b.py"

SCENES: dict[str, tuple[list[str], list[str], list[list[str]], str]] = {
    "the first worker": ([PURE, GATE, OPERATOR], [], [], OPERATOR),
    "one has the operator": ([PURE, GATE, OPERATOR], [], [[OPERATOR]], GATE),
    "it stays with what it has": ([PURE, OPERATOR, MORE], [GATE], [[], []], MORE),
    "a second for the gate": ([PURE, MORE], [OPERATOR], [[GATE], [PURE]], MORE),
    "no third for the gate": ([PURE, MORE], [OPERATOR], [[GATE], [GATE]], PURE),
    "a third for the gate, where nothing else is left": ([MORE], [OPERATOR], [[GATE], [GATE]], MORE),
    "two folders, one control plane": ([PURE, CHART], [CRD], [[CRD], [CRD]], CHART),
    "long files before short ones": ([PURE, WEBHOOK], [], [], WEBHOOK),
    "else as they come": ([PURE, "tests/bench/t.py"], [], [], PURE),
    "a file elsewhere": (["e2e/test_a.py"], [], [], "e2e/test_a.py"),
}


@pytest.mark.parametrize("scene", SCENES)
def test_next(scene: str) -> None:
    waiting, mine, others, taken = SCENES[scene]
    assert next_file(waiting, mine, others) == taken
