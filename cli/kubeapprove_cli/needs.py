"""What policies ask for and what is still missing of it, in words and as data."""

from typing import Any

from kubeapprove.durations import format_duration
from kubeapprove.printable import safe
from kubeapprove.requirements import Requirement, in_words
from kubeapprove.resources import format_time
from kubeapprove_cli.state import State


def demand(requirement: Requirement) -> str:
    """Return what one requirement asks for, whatever was decided."""
    people = "approval" if requirement.count == 1 else "approvals"
    rule = f", rule {requirement.rule}" if requirement.rule else ""
    source = f" (policy {requirement.policy}{rule})" if requirement.policy else ""
    owner = ", the agent's owner may be one" if requirement.allow_owner else ""
    return safe(f"{requirement.count} {people} by {requirement.who}{owner}{source}")


def is_told(approval: State) -> bool:
    """Whether the gate wrote what policies ask for; else what is shown is the least that they can ask."""
    status = approval.model.status if approval.model is not None else None
    return status is not None and bool(status.requirements)


def missing(approval: State) -> list[tuple[Requirement, int]]:
    """Return each requirement with how many people it lacks; empty where nothing is counted any more."""
    return list(zip(approval.requirements, approval.standing.missing, strict=False))


def still_missing(approval: State) -> str:
    """Return what is missing in one safe sentence; empty where nothing is."""
    return safe(" and ".join(in_words(requirement, lacks) for requirement, lacks in missing(approval) if lacks))


def short(approval: State) -> str:
    """Return what is missing as a column: `1 of 2`, several requirements with a plus."""
    lacking = [f"{lacks} of {requirement.count}" for requirement, lacks in missing(approval) if lacks]
    return " + ".join(lacking) or "-"


def full_terms(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement as data, with what the mirror in a status leaves out."""
    return {
        **_terms(requirement),
        "pendingFor": format_duration(requirement.pending_for),
        "allowOwner": requirement.allow_owner,
        "allowCut": requirement.allow_cut,
    }


def with_standing(approval: State) -> dict[str, Any]:
    """Return the approval as the API server stores it, and beside that where it stands now, as far as can be seen."""
    missing, until = approval.standing.missing, approval.standing.until
    standing: dict[str, Any] = {"phase": str(approval.phase)}
    if until is not None:
        standing["until"] = format_time(until)
    counted = [{"missing": lacks} for lacks in missing] or [{} for _ in approval.requirements]
    standing["requirements"] = [
        _terms(requirement) | count for requirement, count in zip(approval.requirements, counted, strict=False)
    ]
    standing["owed"] = [mark.to_json() for mark in approval.owed]
    return {**approval.raw, "standing": standing}


def _terms(requirement: Requirement) -> dict[str, Any]:
    told = requirement.mirrored(0).to_json()
    del told["missing"]
    return told
