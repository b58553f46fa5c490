"""A serving certificate that its authority cuts short still tells when it was made: what is forgotten after it hangs on that."""

from datetime import UTC, datetime, timedelta

import pytest

from kubeapprove_operator import issuing

NAMES = ("gate.example.com",)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize("whole", [MINUTE, 2 * MINUTE, 90 * DAY])
@pytest.mark.parametrize("authority", [2 * MINUTE, DAY, 91 * DAY])
@pytest.mark.parametrize("over", [0.0, 0.3, 0.6])
def test_when_it_was_made(whole: timedelta, authority: timedelta, over: float) -> None:
    signer = issuing.new_authority(NOW - over * authority, authority)
    life = issuing.new_serving(signer, NAMES, NOW, whole).life
    assert abs(life.made - NOW) <= SECOND
    assert signer.life.begins <= life.begins
    assert life.ends <= signer.life.ends
