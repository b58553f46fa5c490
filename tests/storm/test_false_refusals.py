"""What is a false refusal, and which of them are explained: a reason explains only under faults that bring it about."""

import pytest

from e2e.storm.explanations import EXPLANATIONS, Fault, explanation
from e2e.storm.sample import JUDGED, MUST_PASS, NO_ANSWER, PASSED, Kind, outcome
from tests.storm.samples import phase, sample


@pytest.mark.parametrize("kind", sorted(MUST_PASS))
def test_refused_although_it_should_pass(kind: Kind) -> None:
    found = phase(sample(kind, "Unavailable"), sample(kind))
    assert (len(found.tries), found.refused) == (2, {"Unavailable": 1})


@pytest.mark.parametrize("kind", sorted(set(Kind) - MUST_PASS))
def test_nothing_else_is_a_false_refusal(kind: Kind) -> None:
    assert phase(sample(kind, "ApprovalRequired")).refused == {}


def test_a_reason_explains_under_its_faults_only() -> None:
    assert explanation(Fault.KILL, "webhook not reached: connection refused")
    assert not explanation(Fault.UPGRADE, "webhook not reached: connection refused")
    assert not explanation(Fault.KILL, "SomethingNew")


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.UPGRADE, Fault.ROTATION])
def test_nothing_explains_a_refusal_where_nothing_broke(fault: Fault) -> None:
    assert not [one for one in EXPLANATIONS if explanation(fault, one)]


def test_what_is_not_explained_is_told_once_a_reason() -> None:
    found = phase(*[sample(Kind.FREE, "SomethingNew")] * 3, fault=Fault.KILL).unexplained
    assert found == ["kill -9 of each replica: 3 of SomethingNew, such as allowed by a rule: no message"]


OUTCOMES = {
    "passed": (201, {}, PASSED),
    "nobody answered": (0, {}, NO_ANSWER),
    "a reason of ours": (403, {"reason": "ApprovalRequired", "message": "waits"}, "ApprovalRequired"),
    "no reason": (500, {}, "500"),
    "refused by nobody": (
        500,
        {
            "reason": "InternalError",
            "message": "failed calling webhook: dial tcp 10.0.0.1:443: connect: connection refused",
        },
        "webhook not reached: connection refused",
    ),
    "in vain for five seconds": (
        500,
        {"reason": "InternalError", "message": "failed calling webhook: context deadline exceeded"},
        "webhook not reached: timeout",
    ),
    "for a reason without a word for it": (
        500,
        {"reason": "InternalError", "message": "failed calling webhook: it rains"},
        "webhook not reached: other",
    ),
}


@pytest.mark.parametrize("scenario", OUTCOMES)
def test_what_became_of_a_request(scenario: str) -> None:
    status, body, expected = OUTCOMES[scenario]
    assert outcome(status, body) == expected


def test_a_gate_that_works_judges_each_kind_of_an_agents_request() -> None:
    assert set(JUDGED) == {*MUST_PASS, Kind.ASKED, Kind.DENIED, Kind.DECISION}
