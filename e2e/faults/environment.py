"""The environment that programs are started in: with a clock that is wrong."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SKEW = Path(__file__).parent / "skew"


def clock_ahead(seconds: int) -> dict[str, str | None]:
    """Have Python programs read a wall clock that is ahead, or behind where that is negative."""
    if not seconds:
        return {}
    path = os.pathsep.join(filter(None, (str(_SKEW), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "KUBEAPPROVE_FAULTS_AHEAD": str(seconds)}


@contextmanager
def changed(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set these variables inside the block; None takes one away."""
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
