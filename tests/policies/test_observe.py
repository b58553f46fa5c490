"""An observing policy decides only where no enforcing one names the requester, and refuses nothing."""

import pytest

from kubeapprove.ruling import Policies
from tests.policies import scenes
from tests.policies.scenes import allows, asks, policy, rule

OBSERVES = policy(rule("watched"), name="observes", mode="Observe")
REQUEST = scenes.request()


@pytest.mark.parametrize("entry", [rule("x"), asks("x"), allows("x")], ids=lambda entry: entry["action"])
def test_alone_it_says_what_would_be(entry: dict[str, object]) -> None:
    found = scenes.ruling(REQUEST, policy(entry, mode="Observe"))
    assert found.observed
    assert str(found.action) == entry["action"]


@pytest.mark.parametrize("entry", [rule("x"), asks("x"), allows("x")], ids=lambda entry: entry["action"])
def test_beside_an_enforcing_one_it_neither_loosens_nor_tightens(entry: dict[str, object]) -> None:
    enforcing = policy(entry, name="enforcing")
    for order in ((OBSERVES, enforcing), (enforcing, OBSERVES)):
        assert scenes.ruling(REQUEST, *order) == scenes.ruling(REQUEST, enforcing)


def test_an_enforcing_one_about_others_does_not_silence_it() -> None:
    others = policy(rule(), name="others", agents=[{"kind": "User", "name": "x"}])
    assert scenes.ruling(REQUEST, OBSERVES, others).observed


def test_two_observe_as_two_enforce() -> None:
    again = policy(allows("x"), name="again", mode="Observe")
    found = scenes.ruling(REQUEST, OBSERVES, again)
    assert found.observed
    assert [finding.policy for finding in found.findings] == ["observes", "again"]


def test_its_agents_are_agents() -> None:
    assert Policies([OBSERVES]).people.is_agent(scenes.AGENT)
