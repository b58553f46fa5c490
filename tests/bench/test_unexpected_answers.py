"""One answer other than the scenario's ends the benchmark: it would have measured something else."""

import json
from typing import Any

import pytest

from bench.gate.loading import Done, Expected, read
from e2e.cluster.errors import ClusterError

REFUSED = {"ms": 2.5, "status": 403, "reason": "ApprovalRequired", "message": "approval required"}
CREATED = {"ms": 1.5, "status": 201}
CASES: dict[str, tuple[list[dict[str, Any]], Expected, str]] = {
    "refused where it should pass": ([CREATED, REFUSED], Expected(201), "1 of 2 answers.* 403 ApprovalRequired"),
    "another refusal": ([REFUSED], Expected(403, "ApprovalPending"), "1 of 1"),
    "passed where it should be refused": ([CREATED], Expected(403, "ApprovalRequired"), "1 of 1"),
    "no answer": ([{"ms": 0, "status": 0, "message": "EOF"}], Expected(201), "EOF"),
    "nothing was sent": ([], Expected(201), "0 of 0"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_ends(case: str) -> None:
    results, expected, message = CASES[case]
    with pytest.raises(ClusterError, match=message):
        read(_printed(results), expected, "agent")


def test_expected_answers_are_read() -> None:
    assert read(_printed([CREATED, CREATED]), Expected(201), "agent") == Done((1.5, 1.5), 0.5)


def _printed(results: list[dict[str, Any]]) -> str:
    return json.dumps({"seconds": 0.5, "results": results})
