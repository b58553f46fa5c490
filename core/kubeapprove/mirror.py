"""What people are shown of an approval's life, and what the operator does about it: from object, settings and clock.

`mirror` is pure and level-triggered: it never asks what happened, only what is. Everything it returns is the same for
the same object and phase (times come from the object, never from `now`), so two operators write the same bytes, and one
that was killed anywhere is repeated by the next without a trace.

Nothing here decides: phase, condition and Event are for people. Whether a decision's maker still holds the verb is
asked at use alone, so an approval shown as Approved can still be refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kubeapprove.canonical import digest
from kubeapprove.change import read_document
from kubeapprove.identity import People
from kubeapprove.lifecycle import Standing, claim_of, owed_by, requirements_of, standing
from kubeapprove.printable import safe
from kubeapprove.raw import as_map
from kubeapprove.requirements import Requirement, in_words
from kubeapprove.resources import (
    OBJECT_ANNOTATION,
    OPERATION_ANNOTATION,
    RESOURCE_ANNOTATION,
    ManifestApproval,
    Phase,
    format_time,
)
from kubeapprove.settings import Settings
from kubeapprove.verdict import read_approval

CONDITION: Final = "Usable"
MAX_MESSAGE: Final = 1024
"""Bytes of an Event's note (events.k8s.io/v1), in UTF-8; a condition may hold more, and says the same."""
NEWS: Final = timedelta(minutes=10)
"""How long a new approval is worth an Event to an operator that has just started."""
_TICK = timedelta(milliseconds=1)
_UNREADABLE = "it is not an approval that this version understands, so it lets nothing through; delete it"
_DISAGREES = "its change does not have its hash, so it lets nothing through; delete it, and find out who made it"


@dataclass(frozen=True, slots=True)
class Announcement:
    """An Event about a phase; `name` is the same whoever announces it."""

    name: str
    reason: str
    message: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What an operator does now. `status` is a merge patch, None where it is true already."""

    phase: Phase
    status: dict[str, Any] | None = None
    announcement: Announcement | None = None
    look_again: datetime | None = None
    delete: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """An approval as it stands: since when, in words, and until when it can stay so."""

    phase: Phase
    since: datetime
    words: str
    until: datetime | None = None
    requirements: tuple[Requirement, ...] = ()
    missing: tuple[int, ...] = ()
    is_owed: bool = False


def mirror(raw: Mapping[str, Any], settings: Settings, people: People, now: datetime) -> Step:
    """Return what to do about one approval as the API server sent it; never raises for what it holds."""
    seen = _see(raw, people, now)
    metadata = as_map(raw.get("metadata"))
    if seen.phase in (Phase.PENDING, Phase.APPROVED):
        look_again = None if seen.until is None else seen.until + _TICK
    else:
        look_again = seen.since + (settings.keep_denied if seen.phase is Phase.DENIED else settings.keep_finished)
        if seen.is_owed:  # until somebody has looked at what was done by broken glass
            look_again = None
        elif now >= look_again and metadata.get("deletionTimestamp") is None:
            return Step(seen.phase, delete=True)
    if metadata.get("deletionTimestamp") is not None:
        look_again = None
    status = as_map(raw.get("status"))
    wanted = _status(seen, status)
    is_true = all(status.get(key) == value for key, value in wanted.items())
    is_born = status.get("phase") == Phase.PENDING and not status.get("conditions")
    if seen.phase is Phase.PENDING and is_born and wanted.get("requirements") == status.get("requirements"):
        # As it was born: a write would only cost, but who looks at Events should hear of it.
        is_new = now - seen.since < NEWS
        return Step(seen.phase, None, _announce(seen, metadata) if is_new else None, look_again)
    if is_true:
        return Step(seen.phase, look_again=look_again)
    return Step(seen.phase, wanted, _announce(seen, metadata), look_again)


def _see(raw: Mapping[str, Any], people: People, now: datetime) -> _Seen:
    approval = read_approval(raw)
    if not isinstance(approval, ManifestApproval):
        is_denied = approval.ended is None  # a Denied holds even in what nobody understands
        phase = Phase.DENIED if is_denied else Phase.INVALID
        return _Seen(phase, _created(raw), _UNREADABLE if not is_denied else "it was denied; " + _UNREADABLE)
    requirements = requirements_of(approval)
    where = standing(approval, now=now, requirements=requirements, people=people)
    is_owed = bool(owed_by(approval, people))
    if where.phase is not Phase.DENIED and not agrees(approval):
        return _Seen(Phase.INVALID, _created(raw), _DISAGREES, is_owed=is_owed)
    return replace(
        _read(raw, approval, requirements, where), requirements=requirements, missing=where.missing, is_owed=is_owed
    )


def agrees(approval: ManifestApproval) -> bool:
    """Whether the approval's hash is the hash of its change. Linear in the size of the change."""
    try:
        return digest(read_document(approval.spec.change)) == approval.spec.manifest_hash
    except ValueError:  # unreadable, or without canonical bytes
        return False


def _read(
    raw: Mapping[str, Any], approval: ManifestApproval, requirements: tuple[Requirement, ...], where: Standing
) -> _Seen:
    phase, spec, claim = where.phase, approval.spec, claim_of(approval)
    created = _created(raw)
    if phase is Phase.DENIED:
        first = where.decided[0]
        return _Seen(phase, first.at, f"{first.by.username} denied it: {first.reason}")
    if phase is Phase.REVOKED:
        if spec.revoked is not None:
            words = f"{spec.revoked.by.username} revoked it: {spec.revoked.reason}"
            return _Seen(phase, spec.revoked.at, words)
        return _Seen(phase, approval.metadata.deletion_timestamp or created, "it is being deleted")
    if phase is Phase.CONSUMED and claim is not None:
        return _Seen(phase, claim.at, f"{spec.requester.username} used it (request {claim.request_uid})")
    if phase is Phase.APPROVED and where.met_at is not None:
        words = f"{_who(where)} approved it; {spec.requester.username} may use it once until {_until(where)}"
        return _Seen(phase, where.met_at, words, where.until)
    if phase is Phase.EXPIRED:
        words = "nobody decided in time" if where.met_at is None else "it was approved and not used in time"
        if where.met_at is None and where.decided:
            words = f"not enough people decided in time: {_lacks(requirements, where)}"
        return _Seen(phase, where.until or created, words)
    words = f"{_wish(approval)}; a person decides until {_until(where)}: {_review(approval)}"
    if not where.decided:
        return _Seen(phase, created, words, where.until)
    words = f"{_who(where)} approved it, still missing: {_lacks(requirements, where)}; {words}"
    return _Seen(phase, where.decided[-1].at, words, where.until)


def _who(where: Standing) -> str:
    names = dict.fromkeys(
        decision.by.username + (" (broke the glass)" if decision.break_glass else "") for decision in where.decided
    )
    return ", ".join(names)


def _lacks(requirements: tuple[Requirement, ...], where: Standing) -> str:
    pairs = zip(requirements, where.missing, strict=True)
    return " and ".join(in_words(requirement, lacks) for requirement, lacks in pairs if lacks)


def _wish(approval: ManifestApproval) -> str:
    """What the requester wants, as the printer columns tell it."""
    notes = approval.metadata.annotations or {}
    parts = [notes.get(key, "") for key in (OPERATION_ANNOTATION, RESOURCE_ANNOTATION, OBJECT_ANNOTATION)]
    return f"{approval.spec.requester.username} asks for {' '.join(part for part in parts if part)}"


def _review(approval: ManifestApproval) -> str:
    return f"kubectl approve review -n {approval.metadata.namespace} {approval.metadata.name}"


def _until(where: Standing) -> str:
    return "" if where.until is None else format_time(where.until)[:19] + "Z"


def _status(seen: _Seen, status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the status that mirror the rest; conditions of others stay."""
    condition = {
        "type": CONDITION,
        "status": "True" if seen.phase is Phase.APPROVED else "False",
        "reason": str(seen.phase),
        "message": _cut(safe(seen.words)),
        "lastTransitionTime": format_time(seen.since),
    }
    conditions = status.get("conditions")
    others = [
        entry
        for entry in (conditions if isinstance(conditions, list) else ())
        if not (isinstance(entry, dict) and entry.get("type") == CONDITION)
    ]
    wanted: dict[str, Any] = {"phase": str(seen.phase), "conditions": [*others, condition]}
    if seen.missing and status.get("requirements"):  # the gate writes them; what is missing changes with each decision
        pairs = zip(seen.requirements, seen.missing, strict=True)
        wanted["requirements"] = [requirement.mirrored(lacks).to_json() for requirement, lacks in pairs]
    return wanted


def _announce(seen: _Seen, metadata: Mapping[str, Any]) -> Announcement:
    name, uid = str(metadata.get("name")), str(metadata.get("uid"))
    mark = hashlib.sha256(f"{uid}\n{seen.phase}\n{format_time(seen.since)}".encode()).hexdigest()[:16]
    is_warning = seen.phase in (Phase.DENIED, Phase.EXPIRED, Phase.REVOKED, Phase.INVALID)
    reason = "ApprovalRequired" if seen.phase is Phase.PENDING else str(seen.phase)
    return Announcement(f"{name}.{mark}", reason, _cut(safe(seen.words)), is_warning)


def _cut(text: str) -> str:
    raw = text.encode("utf-8")
    return text if len(raw) <= MAX_MESSAGE else raw[: MAX_MESSAGE - 3].decode("utf-8", errors="ignore") + "…"


def _created(raw: Mapping[str, Any]) -> datetime:
    """When the approval was created. The API server always says; without it nothing is old enough to be deleted."""
    try:
        moment = datetime.fromisoformat(str(as_map(raw.get("metadata")).get("creationTimestamp")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC) - timedelta(days=366)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
