"""Who, with which groups, and when: written into what people add to an approval, and held against the caller."""

from datetime import datetime, timedelta
from typing import Any

from kubeapprove.identity import UserInfo
from kubeapprove.raw import as_map
from kubeapprove.replaced import json_pointer
from kubeapprove.request import Request
from kubeapprove.resources import By, format_time

MAX_SKEW = timedelta(seconds=90)
"""How far a stamp may be from the guard's own clock: two replicas may have stamped and judged."""


def stamp(request: Request, now: datetime) -> list[dict[str, Any]]:
    """Return the JSON patch that writes who, with which groups and when into what is new of what people add.

    Overwrites what a client put there, and touches nothing that was there before: a decision that is re-applied stays
    as it was stamped.
    """
    old, new = spec_of(request.old_object), spec_of(request.object)
    facts = {"by": _by(request.user), "groups": list(request.user.groups), "at": format_time(now)}
    patch = [
        {"op": "add", "path": json_pointer(("spec", field, key, fact)), "value": facts[fact]}
        for field, stamped in (("decisions", ("by", "groups", "at")), ("acknowledgements", ("by", "at")))
        for key, entry in as_map(new.get(field)).items()
        if key not in as_map(old.get(field)) and type(entry) is dict
        for fact in stamped
    ]
    if "revoked" not in old and type(new.get("revoked")) is dict:
        patch += [
            {"op": "add", "path": json_pointer(("spec", "revoked", fact)), "value": facts[fact]}
            for fact in ("by", "at")
        ]
    return patch


def _by(user: UserInfo) -> dict[str, Any]:
    return By(username=user.username, uid=user.uid, extra=dict(user.extra)).to_json()


def is_stamped(user: UserInfo, by: By, at: datetime, now: datetime) -> bool:
    """Whether who and when are the caller's own and now, as far as two replicas' clocks agree."""
    stamped = (by.username, by.uid, {key: tuple(values) for key, values in by.extra.items()})
    caller = (user.username, user.uid, {key: tuple(values) for key, values in user.extra.items()})
    return stamped == caller and abs(now - at) <= MAX_SKEW


def spec_of(obj: dict[str, Any] | None) -> dict[str, Any]:
    """Return the spec of an approval as sent, empty where there is none."""
    return as_map((obj or {}).get("spec"))
