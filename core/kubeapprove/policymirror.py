"""What people are shown of a policy: whether it is understood, and whether it is in force. Written by the operator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kubeapprove.printable import safe
from kubeapprove.raw import as_map
from kubeapprove.resources import format_time
from kubeapprove.ruling import Policy

VALID: Final = "Valid"
ENFORCED: Final = "Enforced"
MAX_MESSAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Whether the registration matches a policy's agents, and the gate knows this generation of it; or why not."""

    is_true: bool
    reason: str
    message: str


def policy_status(
    raw: Mapping[str, Any], policy: Policy, enforcement: Enforcement, now: datetime
) -> dict[str, Any] | None:
    """Return the merge patch of a policy's status, None where it is true already. Conditions of others stay."""
    status = as_map(raw.get("status"))
    known = status.get("conditions")
    known = [one for one in known if isinstance(one, dict)] if isinstance(known, list) else []
    words = "it is understood" if not policy.problem else f"it denies whatever its agents ask: {policy.problem}"
    valid = Enforcement(not policy.problem, "Invalid" if policy.problem else "Valid", words)
    ours = [
        _condition(kind, what, policy.generation, known, now)
        for kind, what in ((VALID, valid), (ENFORCED, enforcement))
    ]
    wanted = {
        "observedGeneration": policy.generation,
        "conditions": [*(one for one in known if one.get("type") not in (VALID, ENFORCED)), *ours],
    }
    return None if all(status.get(key) == value for key, value in wanted.items()) else wanted


def _condition(
    kind: str, what: Enforcement, generation: int, known: list[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    word = "True" if what.is_true else "False"
    old = next((one for one in known if one.get("type") == kind), {})
    since = old.get("lastTransitionTime") if old.get("status") == word else None
    return {
        "type": kind,
        "status": word,
        "reason": what.reason,
        "message": safe(what.message)[:MAX_MESSAGE],
        "lastTransitionTime": since or format_time(now),
        "observedGeneration": generation,
    }


def says_enforced(raw: Mapping[str, Any], generation: int) -> bool:
    """Whether a policy's status says already that this generation is in force."""
    status = as_map(raw.get("status"))
    conditions = status.get("conditions")
    return any(
        isinstance(one, dict)
        and (one.get("type"), one.get("status"), one.get("observedGeneration")) == (ENFORCED, "True", generation)
        for one in (conditions if isinstance(conditions, list) else ())
    )
