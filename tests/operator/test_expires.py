"""What nobody decides is shown as Expired by the clock alone: no event tells the operator (C070)."""

from datetime import UTC, datetime, timedelta

import pytest

from kubeapprove.resources import format_time
from tests.gate.asking import Place, asked
from tests.operator.seen import becomes, born_again, events

pytestmark = pytest.mark.cluster


def test_nobody_decided_in_time(place: Place) -> None:
    soon = format_time(datetime.now(UTC) + timedelta(seconds=2))
    refused = born_again(place, asked(place.ask()), pendingUntil=soon)
    becomes(place, refused, "Expired")
    assert events(place, refused)["Expired"] == "nobody decided in time"
    again = asked(place.ask())
    assert again.name == refused.name
    assert place.approval(again)["spec"]["previous"]["outcome"] == "Expired"
    becomes(place, again, "Pending")
