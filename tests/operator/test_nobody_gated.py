"""Policies gone: with their CustomResourceDefinition nobody is dropped (C064); deleted by a person, everybody, and it is told."""

import re
import signal
from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import Place, refusal
from tests.operator import policies
from tests.operator.seen import a_place
from tests.operator.test_registration_kept import VALIDATING, read

pytestmark = [pytest.mark.cluster, pytest.mark.stories, pytest.mark.usefixtures("policies_come_back")]
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/approvalpolicies.kubeapprove.io"


@pytest.fixture(scope="module")
def policies_come_back(gated: Gated) -> Iterator[None]:
    """Leave the cluster as others want it, at the end of all."""
    yield
    have_policies(gated)


@pytest.fixture
def place(gated: Gated, operator: Operator) -> Place:
    """Return a namespace in which agents are gated."""
    have_policies(gated)
    wait_until(lambda: operator.health("/readyz") == 200, "the operator was ready")
    return a_place(gated)


def have_policies(gated: Gated) -> None:
    """Install definition and policies again, and wait until their agents are matched."""
    gated.install()
    gated.wait_until_known()
    wait_until(lambda: "agents" in policies.expression(gated), "agents were matched")
    gated.wait_until_gated()


def test_the_definition_is_deleted(place: Place, operator: Operator) -> None:
    before = read(place.gated, VALIDATING)[1]
    assert place.cp.raw("DELETE", CRD)[0] == 200
    said = re.compile(
        "apply the CustomResourceDefinitions and .*list policies: .* 404.*: the registration drops nobody"
    )
    wait_until(lambda: said.search(operator.health_text("/readyz")[1]), "readiness said so, and what to do")
    policies.goes_on(operator)
    assert read(place.gated, VALIDATING)[1] == before
    assert place.ask()[0] == 403


def test_all_are_deleted(place: Place, operator: Operator) -> None:
    told, alarms = policies.news(place.gated, "RegistrationWritten"), policies.news(place.gated, "NobodyGated")
    operator.signal(signal.SIGSTOP)
    try:
        policies.delete(place.gated, "agents")
        wait_until(lambda: refusal(place.ask()).reason == "NotEnrolled", "the webhook knew of no policy")
    finally:
        operator.signal(signal.SIGCONT)
    wait_until(lambda: policies.expression(place.gated) == "false", "nobody was matched")
    wait_until(lambda: place.ask()[0] == 201, "it was as if there were no gate")
    wait_until(lambda: len(policies.news(place.gated, "NobodyGated")) == len(alarms) + 1, "an Event told it")
    sentence = "no policy names an agent, so the registration matches nobody"
    assert policies.news(place.gated, "NobodyGated")[-1].startswith(sentence)
    assert policies.news(place.gated, "RegistrationWritten") == told
    assert '"reason": "NobodyGated"' in operator.log.read_text()
