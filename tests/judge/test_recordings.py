"""What a real API server sent: core and the judge agree, and both agree with the vectors that are kept as files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.judge import side_by_side
from tests.judge.recorded import check, read
from tests.judge.summary import PROPERTY
from tests.judge.text.change import judge
from tests.judge.text.hiding import Hiding

ASSETS = Path(__file__).parents[1] / "assets"
RECORDED = sorted(path.stem for path in (ASSETS / "reviews").iterdir())
VECTORS = sorted(path.stem for path in (ASSETS / "changes").iterdir())


def recording(name: str) -> Any:
    return json.loads((ASSETS / "reviews" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", RECORDED)
def test_core_and_the_judge_agree(name: str) -> None:
    assert side_by_side.differences(recording(name)) == []


@pytest.mark.parametrize("name", VECTORS)
def test_the_judge_makes_the_vector(name: str) -> None:
    vector = json.loads((ASSETS / "changes" / f"{name}.json").read_text())
    judged = judge(recording(name), cluster=side_by_side.CLUSTER, hiding=Hiding(side_by_side.KEY))
    assert judged.document == vector["document"]
    assert judged.hash == vector["hash"]


def test_all_of_them_in_one_report(record_property: Callable[[str, object], None]) -> None:
    report = check(read(ASSETS / "reviews"))
    assert report.differences == []
    assert report.unreadable == 0
    assert report.reviews == len(RECORDED) > 30
    record_property(PROPERTY, f"recorded: {report}")
