"""When certificates are made, renewed and forgotten: from what is held and the clock, one step at a time.

The API server trusts the registration's `caBundle`: the current authority, the next one and the previous one, as far as
they are held. The rules, in their order; the first that holds is the step:
* No authority, or one that has ended: make one.
* The authority is past two thirds of its life: make the next one. It is in the bundle from then on.
* The next one has been registered for the overlap (or the current one has ended): it becomes the current one, and the
  current one the previous, whose key is not kept.
* The serving certificate is missing, of another authority, for other names, or past two thirds of its life: issue one.
* The serving certificate of the current authority has been there for a day: forget the previous authority.

So whatever certificate a webhook still serves, its authority is in the bundle of an API server that is up to the
overlap behind, and a webhook has a day to take its new certificate. Each step writes one Secret; killed in between, the
next look goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LONGEST_OVERLAP: Final = timedelta(minutes=10)
LONGEST_FAREWELL: Final = timedelta(days=1)
LONGEST_BACKDATE: Final = timedelta(hours=1)
SOON: Final = timedelta(days=7)
"""The bound of the alert `KubeapproveCertificateEnds` as well."""


class Step(StrEnum):
    """What is to be done next."""

    NOTHING = "nothing"
    MAKE_AUTHORITY = "make an authority"
    MAKE_NEXT = "make the next authority"
    PROMOTE = "promote the next authority"
    ISSUE = "issue a serving certificate"
    FORGET_PREVIOUS = "forget the previous authority"


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a certificate says it is valid. It begins before it was made: clocks differ."""

    begins: datetime
    ends: datetime

    @property
    def made(self) -> datetime:
        """When it was made."""
        return self.begins + backdate_of(self.ends - self.begins)

    @property
    def overlap(self) -> timedelta:
        """How long it is trusted before anything is served by it."""
        return min(LONGEST_OVERLAP, (self.ends - self.begins) / 12)

    @property
    def farewell(self) -> timedelta:
        """How long its predecessor is trusted after everything is served by it."""
        return min(LONGEST_FAREWELL, (self.ends - self.begins) / 12)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for another: two thirds are over, or it is not valid now."""
        return now >= self.made + (self.ends - self.made) * 2 / 3 or not self.begins <= now < self.ends

    def is_late(self, now: datetime) -> bool:
        """Whether renewing it has failed for long: five sixths are over."""
        return now >= self.made + (self.ends - self.made) * 5 / 6

    def ends_soon(self, now: datetime) -> bool:
        """Whether somebody has to be told: it is late, and a week is left at most."""
        return self.is_late(now) and now >= self.ends - SOON


def backdate_of(whole: timedelta) -> timedelta:
    """Return how long before it is made a certificate of this whole length begins."""
    return min(LONGEST_BACKDATE, whole / 12)


def life_from(made: datetime, whole: timedelta) -> Life:
    """Return the life, of this whole length, of a certificate that is made now; X.509 knows whole seconds."""
    begins = (made - backdate_of(whole)).replace(microsecond=0)
    return Life(begins, begins + whole)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held. `fits`: the serving certificate is of the current authority and for the right names.

    `registered`: since when the API server is told to trust the next authority, None while it is not known to be.
    """

    current: Life | None = None
    next: Life | None = None
    previous: Life | None = None
    serving: Life | None = None
    fits: bool = False
    registered: datetime | None = None


def plan(held: Held, now: datetime) -> Step:
    """Return the next step."""
    if held.current is None or (now >= held.current.ends and held.next is None):
        return Step.MAKE_AUTHORITY
    if held.next is None and held.current.is_due(now):
        return Step.MAKE_NEXT
    if held.next is not None and (_is_known(held.next, held.registered, now) or now >= held.current.ends):
        return Step.PROMOTE
    if held.serving is None or not held.fits or held.serving.is_due(now):
        return Step.ISSUE
    if held.previous is not None and now >= held.serving.made + held.current.farewell:
        return Step.FORGET_PREVIOUS
    return Step.NOTHING


def _is_known(authority: Life, registered: datetime | None, now: datetime) -> bool:
    return registered is not None and now >= registered + authority.overlap
