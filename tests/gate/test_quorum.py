"""Two approvals are those of two people; one person counts once, by whatever groups, names or sessions (C061, C063)."""

import pytest

from e2e.cluster import eks
from tests.gate.asking import NAMED_ROLE, Place, Refusal, asked, refusal

pytestmark = pytest.mark.cluster
AGENTS = "quorum-agents"
GROUPS = ["approvers", "leads"]
"""Both are on the list."""


def waiting_for_two(place: Place) -> Refusal:
    return asked(place.ask(as_=place.agent(AGENTS)))


def approves(place: Place, waiting: Refusal, who: str, key: str) -> None:
    status, answer = place.decide(waiting, as_=who, key=key)
    assert status == 200, answer


def is_one_person(place: Place) -> None:
    refused = refusal(place.ask(as_=place.agent(AGENTS)))
    assert refused.reason == "RequirementUnmet"
    missing = "still missing: 1 of 2 approvals by group approvers or group leads or group oidc:approvers (policy quorum, rule two)"
    assert missing in refused.message
    assert not place.exists("configmaps", "web")


def test_two_people(place: Place) -> None:
    waiting = waiting_for_two(place)
    approves(place, waiting, "alice", "one")
    is_one_person(place)
    approves(place, waiting, "bob", "two")
    assert place.ask(as_=place.agent(AGENTS))[0] == 201


def test_one_who_approves_twice(place: Place) -> None:
    waiting = waiting_for_two(place)
    approves(place, waiting, "alice", "one")
    status, answer = place.decide(waiting, key="two")
    assert (status, answer["reason"]) == (403, "NotADecision")
    assert "you approved this already, and one person counts once" in answer["message"]
    is_one_person(place)
    approves(place, waiting, "bob", "three")
    assert place.ask(as_=place.agent(AGENTS))[0] == 201


def test_one_who_is_in_two_groups(place: Place) -> None:
    waiting = waiting_for_two(place)
    user = f"dana-{place.namespace}"
    for group in GROUPS:
        place.cp.identity(user, [group])
        approves(place, waiting, user, group)
    stamped = place.approval(waiting)["spec"]["decisions"]
    assert [stamped[group]["groups"][0] for group in GROUPS] == GROUPS
    is_one_person(place)


@pytest.mark.parametrize("name", ["Alice", "ALICE", "ａｌｉｃｅ"])  # noqa: RUF001
def test_one_whose_name_is_spelt_in_two_ways(place: Place, name: str) -> None:
    waiting = waiting_for_two(place)
    place.cp.identity(name, ["approvers"])
    approves(place, waiting, "alice", "one")
    approves(place, waiting, name, "two")
    is_one_person(place)


def test_one_with_two_usernames_at_the_identity_provider(place: Place) -> None:
    """The issuer says by a uid who somebody is, whatever they are called."""
    waiting = waiting_for_two(place)
    for name in ("dana@example.com", "dana@example.org"):
        place.cp.oidc_identity(name, ["approvers"], uid="7")
        approves(place, waiting, f"oidc:{name}", name.replace("@", "-").replace(".", "-"))
    is_one_person(place)


def approved_in_two_sessions(place: Place, role: str) -> None:
    waiting = waiting_for_two(place)
    for session in ("dana", "erin"):
        place.cp.eks_identity(role, session, groups=["approvers"])
        approves(place, waiting, eks.session_arn(role, session), session)


def test_two_sessions_of_an_iam_role_are_one(place: Place) -> None:
    """Whoever assumes a role chooses the session's name."""
    approved_in_two_sessions(place, "engineer")
    is_one_person(place)


def test_two_sessions_that_the_identity_provider_names_are_two(place: Place) -> None:
    approved_in_two_sessions(place, NAMED_ROLE)
    assert place.ask(as_=place.agent(AGENTS))[0] == 201


def test_who_is_not_on_the_list_is_told_and_does_not_count(place: Place) -> None:
    waiting = waiting_for_two(place)
    approves(place, waiting, "alice", "one")
    uid = place.approval(waiting)["metadata"]["uid"]
    patch = f'{{"spec":{{"decisions":{{"admin":{{"for":"{uid}","verdict":"Approved","reason":"read it"}}}}}}}}'
    done = place.kubectl("patch", "ma", waiting.name, "--type=merge", "-p", patch, as_="admin")
    assert done.returncode == 0, done
    assert "Warning: your approval does not count as things are: policies ask for group approvers" in done.stderr
    is_one_person(place)
