"""Two scenarios are compared round by round: what slowed a whole round favours neither."""

import pytest

from bench.gate.goals import Spread, ratios
from bench.gate.plan import Scenario
from tests.bench.make import cell


def test_a_slow_round_is_slow_for_both() -> None:
    ours = cell(Scenario.APPROVED, [11, 110, 22])
    theirs = cell(Scenario.GATED, [10, 100, 20])
    assert ratios(ours, theirs, lambda latency: latency.p50) == Spread(1.1, 1.1, 1.1)


def test_median_and_extremes() -> None:
    ours = cell(Scenario.APPROVED, [10, 12, 30])
    theirs = cell(Scenario.GATED, [10, 10, 10])
    assert ratios(ours, theirs, lambda latency: latency.p50) == Spread(1.2, 1.0, 3.0)


def test_other_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same rounds"):
        ratios(cell(Scenario.APPROVED, [1, 2]), cell(Scenario.GATED, [1]), lambda latency: latency.p50)
