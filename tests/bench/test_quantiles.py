"""A quantile is a value that was measured, by nearest rank; none of them is invented from nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.gate.results import latency, quantile

HUNDRED = [float(value) for value in range(1, 101)]
CASES = {
    "half of an even number": (HUNDRED, 0.5, 50.0),
    "95 of 100": (HUNDRED, 0.95, 95.0),
    "99 of 100": (HUNDRED, 0.99, 99.0),
    "all": (HUNDRED, 1.0, 100.0),
    "the middle of three": ([1.0, 2.0, 9.0], 0.5, 2.0),
    "99 of few is the slowest": ([1.0, 2.0, 9.0], 0.99, 9.0),
    "one": ([7.0], 0.5, 7.0),
}


@pytest.mark.parametrize("case", CASES)
def test_nearest_rank(case: str) -> None:
    values, share, expected = CASES[case]
    assert quantile(values, share) == expected


@settings(max_examples=40)
@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_it_was_measured_and_so_many_are_not_above_it(values: list[float], share: float) -> None:
    found = quantile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_order_does_not_matter() -> None:
    assert latency(reversed(HUNDRED)) == latency(HUNDRED)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        latency([])
