"""All Secrets of ours are deleted and made anew: what was approved goes through but where it hides a value."""

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked, refusal
from tests.operations.runbook import Installed

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
SECRETS = "/api/v1/namespaces/kubeapprove-system/secrets"
OF_THE_WEBHOOK = ("kubeapprove-webhook", "kubeapprove-webhook-path")
OF_THE_OPERATOR = ("kubeapprove-ca", "kubeapprove-webhook-tls")
HIDDEN = {"metadata": {"name": "login"}, "stringData": {"password": "four words are enough"}}


def delete(place: Place, *names: str) -> None:
    for name in names:
        assert place.cp.raw("DELETE", f"{SECRETS}/{name}")[0] == 200


def test_made_anew(installation: Installed, place: Place) -> None:
    open_, hidden = asked(place.ask()), asked(place.create("secrets", HIDDEN))
    for waiting in (open_, hidden):
        place.approve(waiting)
    delete(place, *OF_THE_WEBHOOK)
    assert refusal(place.create("configmaps", {"metadata": {"name": "other"}})).reason == "ApprovalRequired"
    delete(place, *OF_THE_OPERATOR)
    installation.type("The Secrets were deleted")
    wait_until(lambda: installation.gated.webhook.health("/readyz") == 200, "the new webhook was ready")
    operator = installation.gated.operator
    assert operator is not None
    wait_until(lambda: operator.health("/readyz") == 200, "the operator had registered the new path")
    installation.gated.wait_until_gated()
    again = asked(place.create("secrets", HIDDEN))
    assert again.hash != hidden.hash
    assert place.ask()[0] == 201
    assert all(place.cp.raw("GET", f"{SECRETS}/{name}")[0] == 200 for name in (*OF_THE_WEBHOOK, *OF_THE_OPERATOR))
