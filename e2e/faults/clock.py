"""Programs whose wall clock is wrong: started inside `ahead`, they read a time that is so many seconds later."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SKEW = Path(__file__).parent / "skew"
_VARIABLE = "KUBEAPPROVE_FAULTS_AHEAD"


@contextmanager
def ahead(seconds: int) -> Iterator[None]:
    """Have Python programs that are started inside run `seconds` ahead, or behind where that is negative."""
    if not seconds:
        yield
        return
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_SKEW), path)))
    os.environ[_VARIABLE] = str(seconds)
    try:
        yield
    finally:
        del os.environ[_VARIABLE]
        if path is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = path
