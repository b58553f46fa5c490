"""Python runs this at its start where the folder is in PYTHONPATH: its wall clock is ahead by so many seconds.

What is shifted is what Python code reads: `datetime.now` and `time.time`. TLS and files keep the machine's clock.
"""

import datetime as dt
import os
import time
from typing import Any

_AHEAD = float(os.environ["KUBEAPPROVE_FAULTS_AHEAD"])
_REAL, _real_time = dt.datetime, time.time


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _REAL)

    def __getattr__(cls, name: str) -> Any:
        return getattr(_REAL, name)

    def __call__(cls, *args: Any, **kwargs: Any) -> dt.datetime:
        return _REAL(*args, **kwargs)


class _Ahead(metaclass=_Kind):
    """`datetime` but for its clock: whatever it makes is a real datetime."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        return _REAL.now(tz) + dt.timedelta(seconds=_AHEAD)


dt.datetime = _Ahead  # type: ignore[assignment, misc]
time.time = lambda: _real_time() + _AHEAD
