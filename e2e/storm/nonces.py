"""Marks inside what is written: whoever finds one in etcd knows which request of the load put it there."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Final

from e2e.storm.sample import Kind

PATTERN: Final = re.compile(rb"mark-[a-z0-9]+-\d{6}-end")


class Nonces:
    """Each is used for one change of one kind, and never again."""

    def __init__(self, run: str) -> None:
        self._run, self._numbers = run, itertools.count(1)
        self._kinds: dict[bytes, Kind] = {}

    def new(self, kind: Kind) -> str:
        """Return another one."""
        nonce = f"mark-{self._run}-{next(self._numbers):06d}-end"
        self._kinds[nonce.encode()] = kind
        return nonce

    @property
    def kinds(self) -> Mapping[bytes, Kind]:
        """What each was made for."""
        return self._kinds


def found_in(value: bytes) -> Iterator[bytes]:
    """Yield every mark in what is stored, each once."""
    yield from dict.fromkeys(PATTERN.findall(value))
