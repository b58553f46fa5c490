"""Recovery is told from a fault's start and from its end, the longest of several faults."""

import pytest

from e2e.storm.recovery import recovery
from e2e.storm.sample import Kind
from e2e.storm.verdict import Blow
from tests.storm.samples import phase, sample


def test_nothing_to_tell() -> None:
    found = recovery(phase(sample(at=1), blows=()))
    assert (found.first, found.last_from_start, found.last_from_end) == (None, None, None)


def test_from_start_and_end_to_the_last_false_refusal() -> None:
    refused = sample(outcome="Unavailable", at=13, seconds=1)
    found = recovery(phase(sample(outcome="Unavailable", at=11), refused, sample(at=15)))
    assert (found.last_from_start, found.last_from_end) == (4, 2)


def test_the_last_one_may_be_before_the_end() -> None:
    found = recovery(phase(sample(outcome="Unavailable", at=10.5, seconds=0.5)))
    assert (found.last_from_start, found.last_from_end) == (1, -1)


def test_until_each_kind_is_judged_again() -> None:
    samples = (sample(at=12.5, seconds=0.5), sample(Kind.ASKED, "ApprovalPending", at=13, seconds=2))
    assert recovery(phase(*samples, sample(Kind.ASKED, "Unavailable", at=12))).first == 3


def test_the_longest_of_several_faults() -> None:
    blows = (Blow(10, 11), Blow(20, 21))
    samples = (sample(outcome="Unavailable", at=10, seconds=1.5), sample(outcome="Unavailable", at=20, seconds=4))
    found = recovery(phase(*samples, sample(at=11), sample(at=22, seconds=1), blows=blows))
    assert (found.last_from_start, found.last_from_end) == (4, 3)
    assert found.first == pytest.approx(2)
