"""A denied, spent or revoked approval takes no more decisions."""

from collections.abc import Callable

import pytest

from tests.gate.asking import Place, Refusal, asked, refusal

pytestmark = pytest.mark.cluster


def denied(place: Place, waiting: Refusal) -> None:
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200


def spent(place: Place, waiting: Refusal) -> None:
    assert place.decide(waiting)[0] == 200
    assert place.ask()[0] == 201


def revoked(place: Place, waiting: Refusal) -> None:
    assert place.patch_approval(waiting, {"spec": {"revoked": {"reason": "no"}}})[0] == 200


ENDS = {"denied": denied, "spent": spent, "revoked": revoked}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("verdict", ["Approved", "Denied"])
def test_no_decision(place: Place, end: Callable[[Place, Refusal], None], verdict: str) -> None:
    waiting = asked(place.ask())
    end(place, waiting)
    before = place.approval(waiting)["spec"]
    assert refusal(place.decide(waiting, as_="bob", verdict=verdict)).reason == "NotADecision"
    assert place.approval(waiting)["spec"] == before


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_no_revocation(place: Place, end: Callable[[Place, Refusal], None]) -> None:
    waiting = asked(place.ask())
    end(place, waiting)
    before = place.approval(waiting)["spec"]
    assert place.patch_approval(waiting, {"spec": {"revoked": {"reason": "late"}}}, as_="bob")[0] in {403, 422}
    assert place.approval(waiting)["spec"] == before
