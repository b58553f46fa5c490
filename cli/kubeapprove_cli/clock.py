"""Moments and durations, for people."""

import re
from datetime import UTC, datetime, timedelta

from kubeapprove_cli.errors import UsageError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_PART = r"([0-9]+(?:[.][0-9]+)?)(ms|[hms])"
_DURATION = re.compile(f"(?:{_PART})+")


def now() -> datetime:
    """Return the current moment."""
    return datetime.now(UTC)


def duration(text: str) -> timedelta:
    """Read `10m`, `1h30m`, `90s` or a number of seconds; raises UsageError."""
    if re.fullmatch(r"[0-9]{1,7}", text):
        return timedelta(seconds=int(text))
    if len(text) > 32 or not _DURATION.fullmatch(text):
        raise UsageError(f"{text!r} is not a duration: write for example 90s, 10m or 1h30m")
    parts = re.findall(_PART, text)
    return timedelta(seconds=sum(float(count) * _UNITS.get(unit, 0.001) for count, unit in parts))


def span(length: timedelta) -> str:
    """Return a length in at most two units: `2d3h`, `5m`, `59s`. A negative one is 0s."""
    left = max(0, int(length.total_seconds()))
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
    return "".join(f"{count}{unit}" for count, unit in parts[:2] if count) or "0s"


def moment(when: datetime) -> str:
    """Return a moment in UTC to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
