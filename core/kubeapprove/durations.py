"""Durations as people write them in settings and policies: hours, minutes and seconds, `24h`, `1h30m`, `45s`."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

PATTERN: Final = r"^([0-9]{1,7}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?$"
LONGEST: Final = timedelta(days=30)
_DURATION = re.compile(r"(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,7})s)?", re.ASCII)


def parse_duration(text: str, longest: timedelta = LONGEST) -> timedelta:
    """Read a duration as people write it; raises ValueError with a sentence that says how to write it."""
    match = _DURATION.fullmatch(text) if text else None
    if match is None:
        raise ValueError("write a duration as hours, minutes and seconds: 24h, 1h30m, 45s")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < duration <= longest:
        raise ValueError(f"write a duration between 1s and {int(longest.total_seconds()) // 3600}h")
    return duration


def _read(value: object) -> object:
    return value if isinstance(value, timedelta) else parse_duration(value if isinstance(value, str) else "")


def format_duration(duration: timedelta) -> str:
    """Return a duration in whole seconds as people write it: `1h30m`."""
    seconds = int(duration.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "minLength": 2, "maxLength": 24}),
]
