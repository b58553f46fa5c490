"""Why an agent may be refused although its change is approved: each reason, and under which faults it is expected."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What breaks in a phase."""

    NONE = "nothing"
    KILL = "kill -9 of each replica"
    UPGRADE = "rolling upgrade and back"
    ROTATION = "certificate and CA rotation"
    NODE = "node loses its power, comes back"
    API_SERVER = "API server restart"
    ETCD = "etcd stall"
    IN = "partition: API server cannot reach the webhook"
    OUT = "partition: webhook cannot reach the API server"
    BOTH = "partition: both ways"


SERVER_FAULTS: Final = frozenset({Fault.API_SERVER, Fault.ETCD})
"""These hit everybody, with or without us."""
PARTITIONS: Final = frozenset({Fault.IN, Fault.OUT, Fault.BOTH})
_LOST: Final = frozenset({Fault.KILL, Fault.NODE, Fault.API_SERVER, Fault.ETCD}) | PARTITIONS

_SPENT: Final = "an earlier try had claimed the approval and its answer was lost: it is asked for again"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, and where that is an explanation."""

    sentence: str
    faults: frozenset[Fault]


EXPLANATIONS: Final = {
    "webhook not reached: connection refused": Explanation(
        "the replica was gone and still in the Service, or none was ready: each request is refused at once",
        _LOST - {Fault.IN},
    ),
    "webhook not reached: connection reset": Explanation(
        "the replica died, or its node came back without it, while it had the request",
        frozenset({Fault.KILL, Fault.NODE}),
    ),
    "webhook not reached: hung up": Explanation(
        "the replica died while it had the request, or the connection to it was found dead",
        frozenset({Fault.KILL, Fault.NODE}) | PARTITIONS,
    ),
    "webhook not reached: no route": Explanation(
        "the Pod's node was away and still in the Service, or the way to all Services led through it",
        frozenset({Fault.NODE}),
    ),
    "webhook not reached: timeout": Explanation(
        "no answer within the webhook's 5 s: packets were lost, or what the webhook asked in turn did not answer", _LOST
    ),
    "Forbidden": Explanation(
        "the API server had just come up and did not know its roles yet: nobody was let in",
        frozenset({Fault.API_SERVER}),
    ),
    "Unauthorized": Explanation(
        "the API server had just come up and did not know its identities yet: nobody was let in",
        frozenset({Fault.API_SERVER}),
    ),
    "no answer": Explanation("the API server itself was gone", frozenset({Fault.API_SERVER})),
    "Unavailable": Explanation(
        "the webhook could not read or claim the approval: the API server or etcd did not answer it",
        frozenset({Fault.API_SERVER, Fault.ETCD, Fault.NODE}) | PARTITIONS,
    ),
    "PolicyUnknown": Explanation(
        "the webhook had not heard of the policies for ten seconds, or not yet",
        frozenset({Fault.API_SERVER, Fault.ETCD, Fault.NODE}) | PARTITIONS,
    ),
    "ApprovalSpent": Explanation("a claim was written, and its answer was lost: it counts as spent", _LOST),
    "ApprovalRequired": Explanation(_SPENT, _LOST),
    "ApprovalPending": Explanation(_SPENT, _LOST),
}


def explanation(fault: Fault, outcome: str) -> str:
    """Return the sentence, empty where nothing explains it."""
    found = EXPLANATIONS.get(outcome)
    return found.sentence if found is not None and fault in found.faults else ""
