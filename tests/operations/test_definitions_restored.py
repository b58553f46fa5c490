"""The definitions were deleted, with all approvals and policies: whoever was an agent is refused until all is as before."""

import pytest

from tests.gate.asking import Answer, Place, asked
from tests.operations.runbook import Installed

pytestmark = [pytest.mark.cluster, pytest.mark.stories]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{}.kubeapprove.io"


def test_agents_are_refused_at_every_step(installation: Installed, place: Place) -> None:
    installation.type("Backup and restore")
    place.approve(asked(place.ask()))
    for plural in ("manifestapprovals", "approvalpolicies"):
        assert place.cp.raw("DELETE", CRDS.format(plural))[0] == 200
    answers: list[Answer] = []
    installation.type("The CustomResourceDefinitions were deleted", lambda: answers.append(place.ask()))
    assert {status for status, _ in answers} <= {403, 500}, answers
    assert not place.exists("configmaps", "web")
    waiting = asked(place.ask())
    assert "decisions" not in place.approval(waiting)["spec"]
    place.approve(waiting)
    assert place.ask()[0] == 201
