"""What must hold whatever broke: no agent's change is stored without its own claimed approval, and none twice.

`wrong_allows` compares three witnesses, none of which needs the webhook to be honest or alive:
* etcd: every version of every object and approval that was ever stored;
* the API server's audit log: who wrote, with what success, and what the gate's answer was;
* the reviews as they passed between API server and webhook, with the answers that were given.

Not looked at: whether the approved change is the one that was stored. The hash is the webhook's own; tests/gate and
tests/change hold it to its word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from e2e.faults.etcd import Version

AGENTS = "agents"
PLURALS = ("configmaps", "widgets")
"""The kinds of objects that agents write in these scenarios."""
_ROOT_CA = "/kube-root-ca.crt"
_FREE = {"NoChange", "StoresNothing", "ReasonGiven", "DryRun"}
_PREFIX = "changes.kubeapprove.io/"
_WRITES = {"create", "update", "patch", "delete", "deletecollection"}

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """One answer to one review of an agent's change: `approval` is namespace/name."""

    uid: str
    allowed: bool
    reason: str
    approval: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the three witnesses say about one namespace."""

    approvals: Sequence[Version]
    objects: Sequence[Version]
    audit: Sequence[Object]
    reviews: Sequence[Review]


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One approval from its creation to its end (the next of the same name has another uid)."""

    name: str
    claims: tuple[str, ...]
    passes: tuple[str, ...]
    was_usable: bool

    def backs(self, allowed: set[str]) -> bool:
        """Whether one change may have been stored on it: approved, and claimed for a request that was allowed."""
        return self.was_usable and not allowed.isdisjoint((*self.claims, *self.passes))


def incarnations(versions: Sequence[Version]) -> list[Incarnation]:
    """Return every approval that ever was, from all of its stored versions."""
    histories: dict[str, list[Object]] = {}
    for version in versions:
        if version.value is not None:
            histories.setdefault(version.document["metadata"]["uid"], []).append(version.document)
    return [_incarnation(history) for history in histories.values()]


def _incarnation(history: Sequence[Object]) -> Incarnation:
    metadata = history[0]["metadata"]
    claims, passes = _marks(history, "claim"), _marks(history, "lastPass")
    first = next((document for document in history if _mark(document, "claim")), None)
    was_usable = first is not None and _is_approved(first)
    return Incarnation(f"{metadata['namespace']}/{metadata['name']}", claims, passes, was_usable)


def _marks(history: Sequence[Object], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark for document in history if (mark := _mark(document, kind))))


def _mark(document: Object, kind: str) -> str:
    return str(((document.get("status") or {}).get(kind) or {}).get("requestUID", ""))


def _is_approved(document: Object) -> bool:
    """Whether people had approved this very approval, in time, and nobody had denied or revoked it."""
    spec, uid = document["spec"], document["metadata"]["uid"]
    decisions = (spec.get("decisions") or {}).values()
    if "revoked" in spec or "deletionTimestamp" in document["metadata"]:
        return False
    if any(decision["verdict"] == "Denied" for decision in decisions):
        return False
    return any(
        decision["for"] == uid
        and AGENTS not in decision["groups"]
        and not decision["by"]["username"].startswith("system:")
        and decision["at"] <= spec["pendingUntil"]  # one notation only: text compares as moments do
        for decision in decisions
    )


def wrong_allows(evidence: Evidence) -> list[str]:
    """Return a sentence for each thing that must not have happened."""
    approvals = incarnations(evidence.approvals)
    allowed = {review.uid for review in evidence.reviews if review.allowed and review.reason == "Approved"}
    backed = Counter(approval.name for approval in approvals if approval.backs(allowed))
    stored = [event for event in evidence.audit if _is_stored(event) and _is_agents(event)]
    return [
        *_claimed_twice(approvals),
        *_allowed_without_claim(allowed, approvals),
        *_without_verdict(stored),
        *_more_than_once(stored, backed),
        *_unseen_stores(evidence, backed.total()),
    ]


def _claimed_twice(approvals: Sequence[Incarnation]) -> list[str]:
    return [
        f"{approval.name} was claimed by {len(approval.claims)} requests"
        for approval in approvals
        if len(approval.claims) > 1
    ]


def _allowed_without_claim(allowed: set[str], approvals: Sequence[Incarnation]) -> list[str]:
    proven = {mark for approval in approvals if approval.was_usable for mark in (*approval.claims, *approval.passes)}
    return [f"request {uid} was allowed, and no approved approval holds its mark" for uid in sorted(allowed - proven)]


def _without_verdict(stored: Sequence[Object]) -> list[str]:
    found = []
    for event in stored:
        annotations = event.get("annotations", {})
        reason, is_allow = annotations.get(_PREFIX + "reason"), annotations.get(_PREFIX + "verdict") == "allow"
        if not is_allow or not (reason in _FREE or (reason == "Approved" and annotations.get(_PREFIX + "approval"))):
            found.append(f"{_words(event)} was stored, and the gate's answer was {reason}")
    return found


def _more_than_once(stored: Sequence[Object], backed: Counter[str]) -> list[str]:
    approvals = (event.get("annotations", {}) for event in stored)
    uses = Counter(
        facts.get(_PREFIX + "approval") for facts in approvals if facts.get(_PREFIX + "reason") == "Approved"
    )
    return [
        f"{count} changes were stored on {name}, which was approved and claimed {backed[str(name)]} times"
        for name, count in uses.items()
        if count > backed[str(name)]
    ]


def _unseen_stores(evidence: Evidence, backed: int) -> list[str]:
    """Count in etcd what people did not write: an audit log that died with its server hides nothing."""
    written = sum(not version.key.endswith(_ROOT_CA) for version in evidence.objects)
    peoples = sum(
        _is_stored(event)
        and event["objectRef"].get("resource") in PLURALS
        and not _is_agents(event)
        and not event["user"]["username"].startswith("system:")
        for event in evidence.audit
    )
    if written - peoples <= backed:
        return []
    return [
        f"etcd took {written} writes, {peoples} of them people's, and {backed} claims were there to back the others"
    ]


def _is_stored(event: Object) -> bool:
    is_real = event["verb"] in _WRITES and "dryRun" not in event["requestURI"] and event["stage"] == "ResponseComplete"
    return is_real and 200 <= event.get("responseStatus", {}).get("code", 0) < 300


def _is_agents(event: Object) -> bool:
    return AGENTS in event["user"].get("groups", ())


def _words(event: Object) -> str:
    where = event["objectRef"]
    return f"{event['verb']} {where.get('resource')} {where.get('namespace')}/{where.get('name', '')}"
