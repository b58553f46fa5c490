"""Two operators at once come to the same end, each Event is there once, and neither writes on and on (C097)."""

from collections.abc import Iterator
from itertools import groupby

import pytest

from e2e.gated.gated import POLICIES, Gated
from e2e.gated.operator import Operator
from e2e.gated.policies import policy
from e2e.waiting import wait_until
from tests.gate.asking import Place, asked
from tests.operator import policies
from tests.operator.policies import condition
from tests.operator.seen import EVENTS, becomes
from tests.operator.test_registration_kept import VALIDATING, is_as_before, read

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
CALLS = 'kubeapprove_api_seconds_count{call="'


@pytest.fixture
def other(gated: Gated, operator: Operator) -> Iterator[Operator]:
    """Return a second operator, running beside the first."""
    assert operator.is_running
    second = gated.another_operator("second-operator")
    second.write_files(gated.settings)
    second.start()
    yield second
    second.stop()


def test_a_life(place: Place, operator: Operator, other: Operator) -> None:
    lives = []
    for index in range(5):
        refused = asked(place.create("configmaps", {"metadata": {"name": f"c-{index}"}}))
        place.approve(refused)
        lives.append(refused)
        if index:
            assert place.create("configmaps", {"metadata": {"name": f"c-{index}"}})[0] == 201
    becomes(place, lives[0], "Approved")
    for refused in lives[1:]:
        becomes(place, refused, "Consumed")
    told = [
        (item["regarding"]["name"], item["reason"])
        for item in place.cp.raw("GET", EVENTS.format(namespace=place.namespace))[1]["items"]
    ]
    assert len(told) == len(set(told))
    versions = {
        item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in place.items("manifestapprovals")
    }
    looks = other.metric(CALLS + "get registration"), operator.metric(CALLS + "get registration")
    wait_until(
        lambda: (
            other.metric(CALLS + "get registration") > looks[0] + 3
            and operator.metric(CALLS + "get registration") > looks[1] + 3
        ),
        "both went on working",
    )
    after = {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in place.items("manifestapprovals")}
    assert after == versions


@pytest.mark.usefixtures("other", "operator")
def test_one_registration(gated: Gated) -> None:
    before = read(gated, VALIDATING)[1]
    assert gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
    wait_until(lambda: is_as_before(gated, VALIDATING, before), "the registration was there again", 5)
    assert read(gated, VALIDATING)[1]["metadata"]["generation"] == 1


def test_a_policy_that_is_written_and_edited(gated: Gated, operator: Operator, other: Operator) -> None:
    """One of them knows it first; the other neither takes it back nor calls it tampering, and both agree on statuses."""
    alarms, generation = (
        policies.news(gated, "RegistrationWritten"),
        read(gated, VALIDATING)[1]["metadata"]["generation"],
    )
    policies.write(gated, policy("twice", [{"kind": "User", "name": "bot-one"}]))
    wait_until(lambda: "bot-one" in policies.expression(gated), "its agent was matched")
    policies.goes_on(operator, other, times=4)
    body = {"spec": {"agents": [{"kind": "User", "name": "bot-two"}]}}
    assert gated.control_plane.raw("PATCH", f"{POLICIES}/twice", body)[0] == 200
    seen: list[str] = []

    def is_done() -> bool:
        enforced = condition(gated, "twice", "Enforced")
        seen.append(enforced.status)
        return (enforced.status, enforced.generation) == ("True", 2)

    wait_until(is_done, "it was Enforced", policies.SLOWLY)
    assert [word for word, _ in groupby(seen) if word] == ["False", "True"]
    assert "bot-one" not in policies.expression(gated)
    stored = policies.stored(gated, "twice")
    policies.goes_on(operator, other, metric=policies.LISTS, times=2)
    assert policies.stored(gated, "twice") == stored
    assert policies.news(gated, "RegistrationWritten") == alarms
    assert read(gated, VALIDATING)[1]["metadata"]["generation"] == generation + 3, "added, added, dropped"
    policies.delete(gated, "twice")
