"""The definition of policies was deleted and made anew: that nobody has a policy now frees nobody who was gated."""

import re
from collections.abc import Callable

import pytest

from e2e.gated.operator import Operator
from e2e.gated.policies import DEFAULT_POLICY
from e2e.waiting import wait_until
from tests.gate.asking import Place
from tests.operations.conftest import STRICT
from tests.operations.runbook import Installed
from tests.operator.policies import LOOKS

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/approvalpolicies.kubeapprove.io"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"
SAID = re.compile("is not the one that the registration was made from.*apply the policies of all of them.*drops nobody|"
                  "is not the one that the registration was made from.*is left as it is")  # fmt: skip
MANY = 12
"""Reads of six seconds: three times as long as an agent stays whom no list names any more."""


@pytest.fixture
def operator(installation: Installed) -> Operator:
    assert installation.gated.operator is not None
    return installation.gated.operator


def alive(operator: Operator) -> None:
    """As a kubelet does: whoever ends is started again."""
    if not operator.is_running:
        operator.launch()


def make_anew(place: Place) -> None:
    """Delete the definition, and apply it again as soon as that is possible."""
    status, definition = place.cp.raw("GET", CRD)
    assert (status, place.cp.raw("DELETE", CRD)[0]) == (200, 200)
    again = {key: definition[key] for key in ("apiVersion", "kind")} | {
        "metadata": {"name": definition["metadata"]["name"]},
        "spec": definition["spec"],
    }
    path = CRD.rpartition("/")[0]
    wait_until(lambda: place.cp.raw("POST", path, again)[0] == 201, "the definition was there again")


def holds(place: Place, operator: Operator, is_over: Callable[[], bool]) -> None:
    """Nothing of an agent passes until it is over."""

    def look() -> bool:
        alive(operator)
        status, answer = place.ask()
        assert status in {403, 500}, answer
        return is_over()

    wait_until(look, "it was over", 60)


def said(operator: Operator) -> bool:
    return SAID.search(operator.health_text("/readyz")[1]) is not None


@pytest.mark.parametrize("restarted", [False, True], ids=["the operator goes on", "the operator is started anew"])
def test_nobody_is_freed_and_it_ends_when_all_have_policies(
    installation: Installed, place: Place, operator: Operator, *, restarted: bool
) -> None:
    gated = installation.gated
    assert place.ask()[0] == 403
    make_anew(place)
    if restarted:
        operator.stop()
        operator.launch()
    holds(place, operator, lambda: said(operator))
    gated.write(STRICT)  # of somebody else
    since = operator.metric(LOOKS)
    holds(place, operator, lambda: operator.metric(LOOKS) > since + MANY and said(operator))
    gated.write(DEFAULT_POLICY)
    holds(place, operator, lambda: operator.health("/readyz") == 200)
    assert place.ask()[0] == 403
    gated.delete(STRICT)
    wait_until(lambda: "strict-agents" not in str(place.cp.raw("GET", REGISTRATION)[1]), "its agents were let go")


def test_who_deletes_the_registration_says_that_these_are_all(place: Place, operator: Operator) -> None:
    make_anew(place)
    holds(place, operator, lambda: said(operator))
    assert place.cp.raw("DELETE", REGISTRATION)[0] == 200
    wait_until(lambda: place.cp.raw("GET", REGISTRATION)[0] == 200, "the registration was made")
    wait_until(lambda: operator.health("/readyz") == 200, "the operator was ready")
    wait_until(lambda: place.ask()[0] == 201, "nobody was gated")
