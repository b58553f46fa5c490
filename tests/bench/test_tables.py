"""What the tables show: latencies as p50 / p95 / p99, CPU of 1,000 requests, and each goal with its spread."""

import pytest

from bench.gate.plan import Scenario
from bench.gate.report import figure, section
from tests.bench.make import results

DIGITS = {"0.437": "0.44", "1.26": "1.3", "9.96": "10", "41.7": "42", "1234.5": "1234"}


@pytest.mark.parametrize("value", DIGITS)
def test_two_digits(value: str) -> None:
    assert figure(float(value)) == DIGITS[value]


def test_rows() -> None:
    text = section(results({Scenario.APPROVED: [12.5, 10, 10], Scenario.GATED: [10, 10, 10]}))
    assert "| create, approved: kubeapprove | 12 / 12 / 12 | 12 / 12 / 12 | 12 / 12 / 12 |\n" in text
    assert "| create, approved: kubeapprove | 2.0 / 4.0 | 2.0 / 4.0 | 2.0 / 4.0 |\n" in text
    assert "| approved, against the Go gate, p50 | 8 | 1.1 | 1.00 (1.00 to 1.25) | met |\n" in text
    assert "| refused again, 5,000 other approvals against none, p50 | 8 | 1.1 | 1.0 | met |\n" in text
