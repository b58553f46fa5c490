"""The operator's ServiceAccount can do what it does and nothing else: no spec, no decision, no other object (C060)."""

import pytest

from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import Place, approval_path, asked, decision
from tests.operator.seen import becomes

pytestmark = pytest.mark.cluster
USER = "system:serviceaccount:kubeapprove-system:kubeapprove-operator"
AS_OPERATOR = {"Impersonate-User": USER, "Impersonate-Group": "system:serviceaccounts"}
ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kubeapprove-operator"


def can(place: Place, verb: str, resource: str, *more: str) -> bool:
    """Whether RBAC lets it."""
    done = place.kubectl("auth", "can-i", verb, resource, f"--as={USER}", *more, as_="admin")
    return done.stdout.strip() == "yes"


def test_what_it_may(place: Place) -> None:
    for verb in ("get", "list", "watch", "delete"):
        assert can(place, verb, "manifestapprovals.kubeapprove.io"), verb
    assert can(place, "patch", "manifestapprovals.kubeapprove.io", "--subresource=status")
    assert can(place, "get", "secrets/kubeapprove-webhook-path", "-n", "kubeapprove-system")


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("create", "manifestapprovals.kubeapprove.io"),
        ("patch", "manifestapprovals.kubeapprove.io"),
        ("update", "manifestapprovals.kubeapprove.io"),
        ("approve", "manifestapprovals.kubeapprove.io"),
        ("get", "secrets"),
        ("get", "secrets/kubeapprove-webhook"),
        ("patch", "configmaps"),
        ("create", "pods"),
        ("delete", "validatingwebhookconfigurations"),
        ("update", "validatingwebhookconfigurations/other"),
        ("impersonate", "users"),
        ("create", "serviceaccounts/token"),
    ],
)
def test_what_it_may_not(place: Place, verb: str, resource: str) -> None:
    assert not can(place, verb, resource, "-n", "kubeapprove-system")


def test_it_never_decides_even_with_every_right(place: Place) -> None:
    refused = asked(place.ask())
    entry = decision(place.approval(refused)["metadata"]["uid"])
    body = {"spec": {"decisions": {"operator": entry}}}
    headers = {**AS_OPERATOR, "Content-Type": "application/merge-patch+json"}
    status, answer = place.cp.raw("PATCH", approval_path(refused), body, headers=headers)
    assert (status, answer["reason"]) == (403, "Forbidden")
    assert "decisions" not in place.approval(refused)["spec"]


def test_without_its_rights_it_says_so_and_agents_stay_refused(place: Place, operator: Operator) -> None:
    """C091."""
    role = place.cp.raw("GET", ROLE)[1]
    assert place.cp.raw("PATCH", ROLE, {"rules": []})[0] == 200
    try:
        remedy = "apply the CustomResourceDefinitions and the operator's ClusterRole"
        wait_until(lambda: remedy in operator.health_text("/readyz")[1], "readiness named the remedy")
        assert operator.health("/readyz") == 503
        refused = asked(place.ask())
        place.approve(refused)
        assert place.ask()[0] == 201
    finally:
        assert place.cp.raw("PATCH", ROLE, {"rules": role["rules"]})[0] == 200
    wait_until(lambda: operator.health("/readyz") == 200, "the operator was ready again")
    becomes(place, refused, "Consumed")
