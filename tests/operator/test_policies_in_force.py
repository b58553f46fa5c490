"""Valid and Enforced of policies, also of such as came in while nobody guarded them, and whose agents are gated.

All are written at once while the operator is down and the registration gone, and waited for once: the ten seconds
before `Enforced` are the same for all of them.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.operator import Operator
from e2e.gated.policies import group, policy
from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal
from tests.operator import policies
from tests.operator.policies import condition
from tests.operator.seen import a_place
from tests.operator.test_registration_kept import VALIDATING

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
RULE = {"name": "scale", "action": "Deny", "wenn": "true"}
WRITTEN = (
    policy("new", [{"kind": "User", "name": "bot-new"}]),
    policy("misspelt", [{"kind": "User", "name": "bot-misspelt"}], [RULE], mode="Observe"),
    policy("ended", [{"kind": "User", "name": "bot-ended", "until": "2026-01-01T00:00:00Z"}]),
    policy("edited", [{"kind": "User", "name": "bot-before"}]),
    policy("everybody", [group("system:authenticated"), {"kind": "User", "name": "bot-other"}]),
)
AGENTS = ("bot-new", "bot-misspelt", "bot-ended", "bot-other", "bot-before", "bot-after")


@pytest.fixture(scope="module")
def place(gated: Gated) -> Iterator[Place]:
    """Return a namespace of a cluster in which all of them were found, and may be Enforced."""
    operator = gated.operator
    assert operator is not None
    operator.stop()
    assert gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
    for name in AGENTS:
        gated.control_plane.identity(name, ["people"])
    for one in WRITTEN:
        policies.write(gated, one)
    operator.start()
    policies.becomes_enforced(gated, "agents", "new", "misspelt", "ended", "edited")
    yield a_place(gated)
    policies.delete(gated, *(one["metadata"]["name"] for one in WRITTEN))
    wait_until(lambda: "bot" not in policies.expression(gated), "their agents were no longer matched")


def test_new_is_valid_enforced_and_its_agent_gated(place: Place) -> None:
    valid, enforced = condition(place.gated, "new", "Valid"), condition(place.gated, "new", "Enforced")
    assert (valid.status, valid.reason, valid.message) == ("True", "Valid", "it is understood")
    assert (enforced.status, enforced.reason) == ("True", "Registered")
    assert asked(place.ask(as_="bot-new")).reason == "ApprovalRequired"
    assert policies.stored(place.gated, "new")["status"]["observedGeneration"] == 1


def test_ten_seconds_lie_between_registered_and_enforced(place: Place) -> None:
    registered = place.cp.raw("GET", VALIDATING)[1]["metadata"]["creationTimestamp"]
    since = condition(place.gated, "new", "Enforced").since
    assert (datetime.fromisoformat(since) - datetime.fromisoformat(registered)).total_seconds() >= 10


def test_kubectl_shows_both_columns(place: Place) -> None:
    lines = place.kubectl("get", "approvalpolicies", as_="admin", check=True).stdout.splitlines()
    assert lines[0].split() == ["NAME", "MODE", "VALID", "ENFORCED", "AGE"]
    shown = {line.split()[0]: line.split()[1:4] for line in lines[1:]}
    assert shown["new"] == ["Enforce", "True", "True"]
    assert shown["misspelt"] == ["Observe", "False", "True"]
    assert shown["everybody"] == ["Enforce", "False", "False"]


def test_invalid_says_why_denies_and_keeps_its_agents(place: Place) -> None:
    valid = condition(place.gated, "misspelt", "Valid")
    assert (valid.status, valid.reason) == ("False", "Invalid")
    assert valid.message.startswith("it denies whatever its agents ask: spec.rules[0].wenn: ")
    refused = refusal(place.ask(as_="bot-misspelt"))
    assert refused.reason == "PolicyDenied"
    assert "policy misspelt cannot be used" in refused.message
    assert "bot-misspelt" in policies.expression(place.gated)


def test_past_until_stays_registered_and_is_refused(place: Place) -> None:
    assert "bot-ended" in policies.expression(place.gated)
    assert refusal(place.ask(as_="bot-ended")).reason == "NoLongerEligible"


def test_who_may_never_be_an_agent_is_not_registered_and_the_policy_never_enforced(place: Place) -> None:
    """Gating everybody would stop the cluster; its other agent is gated, and denied."""
    enforced, valid = condition(place.gated, "everybody", "Enforced"), condition(place.gated, "everybody", "Valid")
    assert (enforced.status, enforced.reason) == ("False", "NotAnAgent")
    assert "identities that begin with system: are the cluster's own" in valid.message
    assert "system:authenticated" not in policies.expression(place.gated)
    assert refusal(place.ask(as_="bot-other")).reason == "PolicyDenied"
    assert place.create("configmaps", {"metadata": {"name": "of-a-person"}}, as_="admin")[0] == 201


def test_counted(place: Place) -> None:
    operator = place.gated.operator
    assert operator is not None
    assert operator.metric('kubeapprove_policies{valid="true"}') == 4
    assert operator.metric('kubeapprove_policies{valid="false"}') == 2
    assert 0 < operator.metric("kubeapprove_policy_age_seconds") < 10


def test_a_new_start_takes_nothing_back(place: Place) -> None:
    operator = place.gated.operator
    assert operator is not None
    names = ("agents", "new", "misspelt", "ended", "everybody")
    before = [policies.stored(place.gated, name) for name in names]
    repairs = policies.news(place.gated, "RegistrationWritten")
    restarted(operator)
    policies.goes_on(operator)
    assert [policies.stored(place.gated, name) for name in names] == before, "no status was written"
    assert policies.news(place.gated, "RegistrationWritten") == repairs


def test_edited_to_name_another_agent(place: Place) -> None:
    """Our own change of the registration is no alarm, and nobody else's condition moves."""
    gated = place.gated
    other, told = policies.stored(gated, "new"), policies.news(gated, "RegistrationWritten")
    body = {"spec": {"agents": [{"kind": "User", "name": "bot-after"}]}}
    status, answer = gated.control_plane.raw("PATCH", f"{POLICIES}/edited", body)
    assert status == 200, answer
    wait_until(lambda: condition(gated, "edited", "Enforced").reason == "Waiting", "it was not Enforced any more")
    wait_until(lambda: is_asked(place, "bot-after"), "the new agent was gated")
    wait_until(lambda: "bot-before" not in policies.expression(gated), "the old agent was not matched any more")
    wait_until(lambda: place.ask(as_="bot-before")[0] == 201, "the old agent was nobody special")
    assert "bot-after" in policies.expression(gated)
    assert not policies.is_enforced(gated, "edited")
    policies.becomes_enforced(gated, "edited")
    assert policies.stored(gated, "new") == other
    assert policies.news(gated, "RegistrationWritten") == told


def is_asked(place: Place, agent: str) -> bool:
    """Whether an agent's try is answered by its policy: registered, and known to the webhook."""
    answer = place.create("configmaps", {"metadata": {"name": f"of-{agent}"}}, as_=agent)[1]
    return answer.get("reason") in {"ApprovalRequired", "ApprovalPending"}


def restarted(operator: Operator) -> None:
    """Kill it and start it again."""
    operator.kill()
    operator.start()
