"""A goal is met up to its bound and missed beyond it; each of them is told, met or not."""

import pytest

from bench.gate.goals import MEMORY_MIB, outcomes
from bench.gate.plan import Scenario
from bench.gate.results import Results
from tests.bench.make import results

CASES = {
    "everything equal": (results(), []),
    "a person waits longer": (results({Scenario.PERSON: [11, 11, 11]}), ["a person"] * 3),
    "no change, between the bounds of few and many clients": (
        results({Scenario.UNCHANGED: [12.5, 12.5, 12.5]}),
        ["no change"] * 2,
    ),
    "approved, p50 and p99": (results({Scenario.APPROVED: [14, 14, 14]}), ["approved"] * 6),
    "approved, p50 alone": (results({Scenario.APPROVED: [12, 12, 12]}), ["approved"] * 3),
    "allowed by a rule, between no change and twice of it": (
        results({Scenario.RULED: [13.5, 13.5, 13.5]}),
        ["allowed by a rule"] * 3,
    ),
    "many policies": (results(ruling=1.1), ["one change judged by 20 policies of 20 rules"]),
    "one bad round of three": (results({Scenario.APPROVED: [10, 10, 99]}), []),
    "slower among many": (results(with_others=12), ["approved", "refused again"]),
    "memory": (results(memory=MEMORY_MIB + 0.1), ["the webhook's memory at its highest"]),
}


@pytest.mark.parametrize("case", CASES)
def test_missed(case: str) -> None:
    figures, expected = CASES[case]
    assert _missed(figures) == expected


def test_every_goal_is_told() -> None:
    assert len(list(outcomes(results()))) == 5 * 3 + 2 + 2


def _missed(figures: Results) -> list[str]:
    return [outcome.goal.partition(",")[0] for outcome in outcomes(figures) if not outcome.is_met]
