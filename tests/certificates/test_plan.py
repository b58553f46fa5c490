"""Each rule of the plan, at its edge."""

from datetime import UTC, datetime, timedelta

import pytest

from kubeapprove.certificates import Held, Life, Step, life_from, plan

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = life_from(NOW - DAY, 720 * DAY)
OLD = life_from(NOW - 500 * DAY, 720 * DAY)
OVER = Life(NOW - 3 * DAY, NOW - DAY)
FRESH = life_from(NOW - HOUR, 90 * DAY)
WORN = life_from(NOW - 61 * DAY, 90 * DAY)
NEW = life_from(NOW - HOUR, 720 * DAY)

CASES = {
    "nothing is there": (Held(), Step.MAKE_AUTHORITY),
    "the authority has ended": (Held(OVER, serving=FRESH, fits=True), Step.MAKE_AUTHORITY),
    "the authority is not valid yet": (Held(Life(NOW + HOUR, NOW + DAY)), Step.MAKE_NEXT),
    "the authority is past two thirds": (Held(OLD, serving=FRESH, fits=True), Step.MAKE_NEXT),
    "the next one is not registered": (Held(OLD, NEW, serving=FRESH, fits=True), Step.NOTHING),
    "the next one is registered since a minute": (
        Held(OLD, NEW, serving=FRESH, fits=True, registered=NOW - timedelta(minutes=1)),
        Step.NOTHING,
    ),
    "the next one is registered since ten": (
        Held(OLD, NEW, serving=FRESH, fits=True, registered=NOW - timedelta(minutes=10)),
        Step.PROMOTE,
    ),
    "the authority has ended and the next one was never registered": (Held(OVER, NEW), Step.PROMOTE),
    "no serving certificate": (Held(LONG), Step.ISSUE),
    "one of another authority, or for other names": (Held(LONG, serving=FRESH), Step.ISSUE),
    "one past two thirds": (Held(LONG, serving=WORN, fits=True), Step.ISSUE),
    "all is well": (Held(LONG, serving=FRESH, fits=True), Step.NOTHING),
    "the previous one, an hour after": (Held(LONG, None, OLD, FRESH, fits=True), Step.NOTHING),
    "the previous one, a day after": (
        Held(LONG, None, OLD, life_from(NOW - DAY, 90 * DAY), fits=True),
        Step.FORGET_PREVIOUS,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_step(name: str) -> None:
    held, expected = CASES[name]
    assert plan(held, NOW) is expected


@pytest.mark.parametrize("whole", [timedelta(minutes=1), HOUR, DAY, 90 * DAY])
def test_a_certificate_begins_before_it_is_made(whole: timedelta) -> None:
    life = life_from(NOW, whole)
    assert life.made == NOW
    assert NOW - HOUR <= life.begins < NOW
    assert life.ends - life.begins == whole


def test_is_late_only_after_five_sixths() -> None:
    life = life_from(NOW, 13 * HOUR)
    assert life.is_due(NOW + 9 * HOUR)
    assert not life.is_late(NOW + 9 * HOUR)
    assert life.is_late(NOW + 11 * HOUR)
