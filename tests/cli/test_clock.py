"""Durations as people type and read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kubeapprove_cli import clock


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("500ms", 0.5)]
)
def test_read(text: str, seconds: float) -> None:
    assert clock.duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (0.9, "0s"), (59, "59s"), (60, "1m"), (3661, "1h1m"), (86400 + 61, "1d"), (90000, "1d1h")],
)
def test_write(seconds: float, text: str) -> None:
    assert clock.span(timedelta(seconds=seconds)) == text


def test_moments_are_in_utc() -> None:
    moment = datetime(2026, 1, 31, 9, 0, tzinfo=timezone(timedelta(hours=2)))
    assert clock.moment(moment) == "2026-01-31 07:00:00 UTC"
    assert clock.now().tzinfo is UTC
