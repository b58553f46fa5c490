"""A Denied decision wins over any number of Approved ones and is repeated until somebody deletes it."""

import pytest

from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


def test_denied_after_approved(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting, as_="alice")[0] == 200
    assert place.decide(waiting, as_="bob", verdict="Denied", reason="the wrong cluster")[0] == 200
    for _ in range(2):
        refused = refusal(place.ask())
        assert (refused.reason, refused.approval) == ("ApprovalDenied", waiting.approval)
        assert "bob denied this change: the wrong cluster" in refused.message
    assert not place.exists("configmaps", "web")


def test_until_an_approver_deletes_it(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    assert refusal(place.delete("manifestapprovals", waiting.name)).reason == "NeverAllowed"
    assert place.delete("manifestapprovals", waiting.name, as_="admin")[0] == 200
    assert asked(place.ask()).reason == "ApprovalRequired"
