"""What must hold whatever broke, judged after each phase from two witnesses that need neither load nor webhook.

* etcd: every version of every object and approval that was ever stored. Each carries a mark that was used for one
  change, so it is known of each who wrote it and whether it had to be approved.
* the API server's audit log: who wrote, with what success, and what the gate's answer was.

Not looked at: anything that was written outside of the phase's namespaces.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from e2e.faults.etcd import Version
from e2e.faults.invariants import Incarnation, incarnations
from e2e.storm.nonces import found_in
from e2e.storm.sample import Kind

_ROOT_CA: Final = "/kube-root-ca.crt"
_FREE: Final = {"NoChange", "DryRun"}
_GATE: Final = "changes.kubeapprove.io/"
_WRITES: Final = {"create", "update", "patch", "delete", "deletecollection"}
_UPDATES: Final = {"update", "patch"}
_FIRST_ANSWERS: Final = {"ApprovalRequired", "ApprovalPending", "ApprovalSpent"}
_OURS: Final = "kubeapprove.io"
_NEVER: Final = {Kind.ASKED: "nobody ever approved", Kind.DENIED: "a rule denies", Kind.NO_CHANGE: "changes nothing"}

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the witnesses say about one phase. `free` is the namespace where a rule lets agents write."""

    approvals: Sequence[Version]
    objects: Sequence[Version]
    audit: Sequence[Object]
    kinds: Mapping[bytes, Kind]
    agents: frozenset[str]
    free: str

    def is_agents(self, event: Object) -> bool:
        """Whether an agent sent it."""
        return event["user"].get("username") in self.agents  # who was not let in has no name


def wrong_allows(evidence: Evidence, passed: int) -> list[str]:
    """Return a sentence for each thing that must not have happened.

    `passed`: how many approved changes passed. A witness that does not know of them all knows nothing.
    """
    approvals = incarnations(evidence.approvals)
    return [
        *(f"{one.name} was claimed by {len(one.claims)} requests" for one in approvals if len(one.claims) > 1),
        *_stored_wrongly(evidence, approvals, passed),
        *_answered_wrongly(evidence, approvals),
    ]


def calls_for_others(evidence: Evidence) -> list[str]:
    """Return a sentence for each request of somebody else that the gate was asked about."""
    return [
        f"the gate was asked about {_words(event)} of {event['user'].get('username')}"
        for event in evidence.audit
        if not evidence.is_agents(event)
        and event["objectRef"].get("apiGroup") != _OURS
        and any(key.startswith(_GATE) for key in event.get("annotations", {}))
    ]


def _stored_wrongly(evidence: Evidence, approvals: Sequence[Incarnation], passed: int) -> Iterator[str]:
    """Ask of each version in etcd what let it in; a change is stored once on one usable, claimed approval."""
    usable = Counter(one.name for one in approvals if one.was_usable and one.claims)
    backed = {nonce: usable[name] for name, nonces in _approved_marks(evidence.approvals).items() for nonce in nonces}
    stored = Counter[bytes]()
    for version in evidence.objects:
        if version.key.endswith(_ROOT_CA):
            continue
        if version.value is None:
            if not _is_peoples(version.key):
                yield f"{version.key} was deleted, which only an agent tried"
            continue
        nonces = [nonce for nonce in found_in(version.value) if nonce in evidence.kinds]
        if not nonces:
            yield f"{version.key} was stored by nobody that is known"
        for nonce in nonces:
            yield from _judged(version, evidence.kinds[nonce])
            stored[nonce] += evidence.kinds[nonce] is Kind.APPROVED
    if stored.total() < passed:
        yield f"{passed} approved changes passed, and etcd tells of {stored.total()}"
    for nonce, times in stored.items():
        if times > backed.get(nonce, 0) or times > 1:
            yield f"{nonce.decode()} was stored {times} times on {backed.get(nonce, 0)} claimed approvals"


def _judged(version: Version, kind: Kind) -> Iterator[str]:
    if kind in _NEVER:
        yield f"{version.key} was stored, which {_NEVER[kind]}"
    elif kind is Kind.FREE and "-free/" not in version.key:
        yield f"{version.key} was stored outside of where a rule lets agents write"


def _approved_marks(versions: Sequence[Version]) -> Mapping[str, set[bytes]]:
    """Return the marks of the change that each approval is of; a name stands for one change and requester."""
    found: dict[str, set[bytes]] = {}
    for version in versions:
        if version.value is not None:
            metadata, spec = version.document["metadata"], version.document["spec"]
            # Of an UPDATE the mark that it replaces is in the change, too: only what comes counts.
            new = str(spec["change"]).partition('"to"')[2] or str(spec["change"])
            name = f"{metadata['namespace']}/{metadata['name']}"
            found.setdefault(name, set()).update(found_in(new.encode()))
    return found


def _answered_wrongly(evidence: Evidence, approvals: Sequence[Incarnation]) -> Iterator[str]:
    """Ask of each write of an agent that the API server took what the gate's answer was."""
    usable = Counter(one.name for one in approvals if one.was_usable and one.claims)
    uses = Counter[str]()
    for event in evidence.audit:
        facts = event.get("annotations", {})
        reason, approval = facts.get(_GATE + "reason"), facts.get(_GATE + "approval", "")
        is_allow = facts.get(_GATE + "verdict") == "allow"
        if is_allow and reason == "Approved" and not usable[approval]:
            yield f"{_words(event)} was allowed on {approval}, which nobody had approved and claimed"
        if not (evidence.is_agents(event) and _is_stored(event)):
            continue
        if not _is_answer_that_stores(event, is_allow=is_allow, reason=reason, free=evidence.free):
            yield f"{_words(event)} was stored, and the gate's answer was {reason}"
        uses[approval] += reason == "Approved"
    for approval, times in uses.items():
        if times > usable[approval]:
            yield f"{times} changes passed on {approval}, which was approved and claimed {usable[approval]} times"


def _is_answer_that_stores(event: Object, *, is_allow: bool, reason: str | None, free: str) -> bool:
    """Whether the answer in the log is one with which this may be stored.

    An UPDATE may be asked about twice: the API server begins with an object that it remembers, and where that is
    refused and was not the latest, it reads the latest and asks again. The log keeps the first answer. What let it in
    is seen in etcd.
    """
    if event["verb"] in _UPDATES and reason is not None:
        return is_allow or reason in _FIRST_ANSWERS
    is_free = reason == "AllowedByPolicy" and event["objectRef"].get("namespace") == free
    return is_allow and (is_free or reason in _FREE or reason == "Approved")


def _is_peoples(key: str) -> bool:
    return key.rpartition("/")[2].startswith("people-")


def _is_stored(event: Object) -> bool:
    is_real = event["verb"] in _WRITES and "dryRun" not in event["requestURI"] and event["stage"] == "ResponseComplete"
    return (
        is_real
        and 200 <= event.get("responseStatus", {}).get("code", 0) < 300
        and event["objectRef"].get("apiGroup") != _OURS
    )


def _words(event: Object) -> str:
    where = event["objectRef"]
    return f"{event['verb']} {where.get('resource')} {where.get('namespace')}/{where.get('name', '')}"
