"""A decision is for one approval: `for` is its uid, and yesterday's decision counts for nothing today (C084)."""

import pytest

from tests.gate.asking import Place, asked, decision, refusal

pytestmark = pytest.mark.cluster


def test_refused(place: Place) -> None:
    waiting = asked(place.ask())
    body = {"spec": {"decisions": {"alice": decision("00000000-0000-4000-8000-000000000000")}}}
    refused = refusal(place.patch_approval(waiting, body))
    assert refused.reason == "NotADecision"
    assert place.approval(waiting)["metadata"]["uid"] in refused.message


def test_yesterdays_patch_on_the_next_approval_of_that_name(place: Place) -> None:
    first = asked(place.ask())
    patch = {"spec": {"decisions": {"alice": decision(place.approval(first)["metadata"]["uid"])}}}
    assert place.patch_approval(first, patch)[0] == 200
    assert place.ask()[0] == 201
    second = asked(place.ask())
    assert second.approval == first.approval
    assert refusal(place.patch_approval(second, patch)).reason == "NotADecision"
    assert asked(place.ask()).reason == "ApprovalPending"
