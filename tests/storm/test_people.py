"""Who counts as affected: everybody who waits or fails, unless the API server itself was away."""

import pytest

from e2e.storm.explanations import Fault
from e2e.storm.sample import NO_ANSWER, Kind, Sample
from e2e.storm.verdict import Blow, Phase
from tests.storm.samples import phase, sample

BLOWS = (Blow(10, 12),)


def affected(one: Sample, fault: Fault) -> int:
    return len(phase(one, fault=fault, blows=BLOWS).affected)


@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.CONTROLLER])
@pytest.mark.parametrize("fault", Fault)
def test_whose_change_passes_in_time_is_not_affected(kind: Kind, fault: Fault) -> None:
    assert affected(sample(kind, at=11, seconds=1.9), fault) == 0


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.KILL, Fault.NODE, Fault.BOTH])
def test_whose_change_fails_or_waits_is(fault: Fault) -> None:
    assert affected(sample(Kind.PERSON, "Forbidden", at=11), fault) == 1
    assert affected(sample(Kind.PERSON, at=11, seconds=2.1), fault) == 1


@pytest.mark.parametrize("fault", [Fault.API_SERVER, Fault.ETCD])
def test_an_api_server_that_is_away_is_not_our_doing(fault: Fault) -> None:
    during = phase(sample(Kind.PERSON, NO_ANSWER, at=11), fault=fault, blows=BLOWS)
    assert (len(during.affected), during.hit_with_the_server) == (0, 1)


@pytest.mark.parametrize("at", [2.0, 18.0])
def test_before_and_after_that_it_is(at: float) -> None:
    assert affected(sample(Kind.PERSON, NO_ANSWER, at=at), Fault.ETCD) == 1


def test_what_names_our_webhook_is_always_ours() -> None:
    ours = Sample(Kind.PERSON, 11, 0.1, "InternalError", 'failed calling webhook "changes.kubeapprove.io"')
    assert affected(ours, Fault.API_SERVER) == 1


def test_who_waits_while_reads_are_slow_too_has_a_slow_machine() -> None:
    slow, read = sample(Kind.PERSON, at=11, seconds=2.5), sample(Kind.READ, at=12, seconds=0.6)
    assert len(phase(slow, read).affected) == 0
    assert len(phase(slow, sample(Kind.READ, at=12)).affected) == 1
    assert len(phase(slow, sample(Kind.READ, at=14, seconds=0.6)).affected) == 1


def test_whose_change_is_refused_has_no_slow_machine() -> None:
    refused, read = sample(Kind.PERSON, "Forbidden", at=11), sample(Kind.READ, at=11, seconds=0.6)
    assert len(phase(refused, read).affected) == 1


def test_agents_are_not_people() -> None:
    of_agents: Phase = phase(sample(Kind.APPROVED, "Unavailable", at=11), fault=Fault.KILL)
    assert of_agents.affected == []
