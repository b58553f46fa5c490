"""Without the operator agents are refused, approved and refused again as ever; its return puts the phases right."""

import pytest

from e2e.gated.operator import Operator
from tests.gate.asking import Place, asked, refusal
from tests.operator.seen import becomes, phase

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


def test_stopped_for_a_while(place: Place, operator: Operator) -> None:
    operator.kill()
    used = asked(place.ask())
    place.approve(used)
    assert phase(place, used) == "Pending"
    assert place.ask()[0] == 201
    approved = asked(place.patch("configmaps", "web", {"data": {"color": "blue"}}))
    place.approve(approved)
    denied = asked(place.delete("configmaps", "web"))
    assert place.decide(denied, verdict="Denied")[0] == 200
    assert refusal(place.delete("configmaps", "web")).reason == "ApprovalDenied"
    pending = asked(place.patch("configmaps", "web", {"data": {"color": "green"}}))
    operator.start()
    becomes(place, used, "Consumed")
    becomes(place, approved, "Approved")
    becomes(place, denied, "Denied")
    becomes(place, pending, "Pending")
    assert place.patch("configmaps", "web", {"data": {"color": "blue"}})[0] == 200
    becomes(place, approved, "Consumed")
