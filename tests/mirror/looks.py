"""What an operator finds and does, in few words."""

from datetime import datetime
from typing import Any

from kubeapprove.identity import People
from kubeapprove.mirror import Step, mirror
from kubeapprove.requirements import Requirement
from kubeapprove.resources import format_time
from kubeapprove.settings import Settings
from tests.verdict.scenes import ANYONE, HOUR, MINUTE, NOW, PEOPLE, SETTINGS, raw_approval

BORN = NOW - MINUTE


def stored(
    *decisions: dict[str, Any], requirements: tuple[Requirement, ...] = (ANYONE,), **fields: Any
) -> dict[str, Any]:
    """Return an approval as the API server sends it, a minute old, with what the gate said that policies ask for."""
    metadata = {"creationTimestamp": format_time(BORN), **fields.pop("metadata", {})}
    mirrors = [requirement.mirrored(requirement.count).to_json() for requirement in requirements]
    status = {"phase": "Pending", "requirements": mirrors, **fields.pop("status", {})}
    return raw_approval(None, *decisions, metadata=metadata, status=status, **fields)


def look(raw: dict[str, Any], now: datetime = NOW, settings: Settings = SETTINGS, people: People = PEOPLE) -> Step:
    """Return what an operator does."""
    return mirror(raw, settings, people, now)


def written(raw: dict[str, Any], step: Step) -> dict[str, Any]:
    """Return the approval after the step's merge patch."""
    assert step.status is not None
    return raw | {"status": raw["status"] | step.status}


def condition(step: Step) -> dict[str, Any]:
    """Return the one condition that a step writes."""
    assert step.status is not None
    (entry,) = step.status["conditions"]
    return dict(entry)


__all__ = ["BORN", "HOUR", "MINUTE", "NOW", "SETTINGS", "condition", "look", "stored", "written"]
