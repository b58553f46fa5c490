"""Times: RFC 3339 with an offset, in seconds or microseconds, and nothing that merely looks like a time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from kubeapprove import resources

READ = {
    "2026-01-31T09:00:00Z": "2026-01-31T09:00:00.000000Z",
    "2026-01-31T09:00:00.123456Z": "2026-01-31T09:00:00.123456Z",
    "2026-01-31T09:00:00.5Z": "2026-01-31T09:00:00.500000Z",
    "2026-01-31T11:00:00+02:00": "2026-01-31T09:00:00.000000Z",
}
REFUSED = {
    "naive": "2026-01-31T09:00:00",
    "a date": "2026-01-31",
    "a space": "2026-01-31 09:00:00Z",
    "lower case": "2026-01-31t09:00:00z",
    "nanoseconds": "2026-01-31T09:00:00.123456789Z",
    "a line feed": "2026-01-31T09:00:00Z\n",
    "seconds since 1970": 1769850000,
    "the same as a string": "1769850000",
    "month 13": "2026-13-31T09:00:00Z",
    "nothing": "",
    "a naive datetime": datetime(2026, 1, 31, 9),  # noqa: DTZ001 - the point of the test
}


@pytest.mark.parametrize("text", READ)
def test_read_and_written_in_utc_with_microseconds(text: str) -> None:
    passed = resources.LastPass.parse({"requestUID": "r", "at": text})
    assert passed.at.utcoffset() is not None
    assert passed.to_json() == {"requestUID": "r", "at": READ[text]}


@pytest.mark.parametrize("scenario", REFUSED)
def test_refused(scenario: str) -> None:
    with pytest.raises(ValidationError):
        resources.LastPass.parse({"requestUID": "r", "at": REFUSED[scenario]})


def test_an_aware_datetime_is_taken_as_it_is() -> None:
    moment = datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=2)))
    passed = resources.LastPass(request_uid="r", at=moment)
    assert passed.at == moment
    assert resources.format_time(moment) == "2026-01-31T07:00:00.000000Z"


def test_years_before_1000_keep_their_four_digits() -> None:
    assert resources.format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
