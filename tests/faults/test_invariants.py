"""The judge of every scenario sees each way in which something could be stored that should not be."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from e2e.faults.etcd import Version
from e2e.faults.invariants import Evidence, Review, wrong_allows

NAME = "shop/create-web"
AGENT = {"username": "agent:bot", "groups": ["agents"]}
PERSON = {"username": "alice", "groups": ["approvers"]}
FACTS = {"approval": NAME, "verdict": "allow", "reason": "Approved"}


class Case:
    """Everything in order, one list for each witness; a scenario breaks one of them."""

    def __init__(self) -> None:
        decision = {"for": "u1", "verdict": "Approved", "by": {"username": "alice"}, "groups": ["approvers"]}
        spec = {"pendingUntil": "2026-01-31T10:00:00.000000Z"}
        decided = {"decisions": {"alice": decision | {"at": "2026-01-31T09:00:00.000000Z"}}}
        metadata = {"namespace": "shop", "name": "create-web", "uid": "u1"}
        self.approval: list[dict[str, Any]] = [
            {"metadata": metadata, "spec": spec},
            {"metadata": metadata, "spec": spec | decided},
            {"metadata": metadata, "spec": spec | decided, "status": {"claim": {"requestUID": "r1"}}},
        ]
        self.approval = copy.deepcopy(self.approval)
        self.objects = [Version("/registry/configmaps/shop/web", 5, b"web")]
        self.audit = [event(AGENT, FACTS)]
        self.reviews = [Review("r1", True, "Approved", NAME)]

    def judge(self) -> list[str]:
        versions = [
            Version("a", number, json.dumps(document).encode()) for number, document in enumerate(self.approval)
        ]
        return wrong_allows(Evidence(versions, self.objects, self.audit, self.reviews))


def event(user: dict[str, Any], facts: dict[str, str], verb: str = "create", code: int = 201) -> dict[str, Any]:
    return {
        "verb": verb,
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/configmaps",
        "objectRef": {"resource": "configmaps", "namespace": "shop"},
        "user": user,
        "responseStatus": {"code": code},
        "annotations": {f"changes.kubeapprove.io/{key}": value for key, value in facts.items()},
    }


def claimed_by_another(case: Case) -> None:
    case.approval.append(case.approval[-1] | {"status": {"claim": {"requestUID": "r2"}}})


def never_claimed(case: Case) -> None:
    del case.approval[-1]


def without_decision(case: Case) -> None:
    case.approval[-1]["spec"].pop("decisions")


def denied_at_the_claim(case: Case) -> None:
    decisions = case.approval[-1]["spec"]["decisions"]
    decisions["bob"] = decisions["alice"] | {"verdict": "Denied"}


def revoked_at_the_claim(case: Case) -> None:
    case.approval[-1]["spec"]["revoked"] = {"reason": "no"}


def decided_for_another(case: Case) -> None:
    case.approval[-1]["spec"]["decisions"]["alice"]["for"] = "u0"


def decided_by_an_agent(case: Case) -> None:
    case.approval[-1]["spec"]["decisions"]["alice"]["groups"] = ["agents"]


def decided_too_late(case: Case) -> None:
    case.approval[-1]["spec"]["decisions"]["alice"]["at"] = "2026-01-31T11:00:00.000000Z"


def refused_and_stored(case: Case) -> None:
    case.reviews = [Review("r1", False, "Unavailable", NAME)]


def allowed_without_a_mark(case: Case) -> None:
    case.reviews.append(Review("r9", True, "Approved", NAME))


def no_verdict(case: Case) -> None:
    case.audit = [event(AGENT, {})]


def denied_and_stored(case: Case) -> None:
    case.audit = [event(AGENT, FACTS | {"verdict": "deny", "reason": "ApprovalPending"})]


def stored_twice(case: Case) -> None:
    case.audit *= 2


def stored_unseen(case: Case) -> None:
    case.objects *= 2


BROKEN: dict[str, tuple[Callable[[Case], None], str]] = {
    "claimed by two requests": (claimed_by_another, "was claimed by 2 requests"),
    "allowed without a claim": (never_claimed, "no approved approval holds its mark"),
    "claimed without a decision": (without_decision, "no approved approval holds its mark"),
    "denied at the claim": (denied_at_the_claim, "no approved approval holds its mark"),
    "revoked at the claim": (revoked_at_the_claim, "no approved approval holds its mark"),
    "decision for another approval": (decided_for_another, "no approved approval holds its mark"),
    "an agent's own decision": (decided_by_an_agent, "no approved approval holds its mark"),
    "decided too late": (decided_too_late, "no approved approval holds its mark"),
    "claimed, refused and stored": (refused_and_stored, "was approved and claimed 0 times"),
    "a second allow without a mark": (allowed_without_a_mark, "request r9 was allowed"),
    "the gate was not asked": (no_verdict, "the gate's answer was None"),
    "refused and stored": (denied_and_stored, "the gate's answer was ApprovalPending"),
    "stored twice on one approval": (stored_twice, "2 changes were stored on shop/create-web"),
    "stored, and in no audit log": (stored_unseen, "etcd took 2 writes"),
}


def test_what_is_in_order_is_not_reported() -> None:
    assert Case().judge() == []


@pytest.mark.parametrize("scenario", BROKEN)
def test_what_is_not_is_reported(scenario: str) -> None:
    breaks, sentence = BROKEN[scenario]
    case = Case()
    breaks(case)
    assert sentence in "; ".join(case.judge())


def refused_by_the_server(case: Case) -> None:
    case.audit = []
    case.objects = []


def written_by_a_person(case: Case) -> None:
    case.audit.append(event(PERSON, {}))
    case.objects *= 2


def failed_write_of_an_agent(case: Case) -> None:
    case.audit.append(event(AGENT, {}, code=403))


def read_of_an_agent(case: Case) -> None:
    case.audit.append(event(AGENT, {}, verb="get", code=200))


def no_change(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "allow", "reason": "NoChange"}, verb="patch"))


def root_ca_of_the_namespace(case: Case) -> None:
    case.objects.append(Version("/registry/configmaps/shop/kube-root-ca.crt", 4, b""))


def revoked_after_the_claim(case: Case) -> None:
    case.approval.append(case.approval[-1] | {"spec": case.approval[-1]["spec"] | {"revoked": {"reason": "no"}}})


@pytest.mark.parametrize(
    "change",
    [
        refused_by_the_server,
        written_by_a_person,
        failed_write_of_an_agent,
        read_of_an_agent,
        no_change,
        root_ca_of_the_namespace,
        revoked_after_the_claim,
    ],
)
def test_what_is_harmless_is_not_reported(change: Callable[[Case], None]) -> None:
    case = Case()
    change(case)
    assert case.judge() == []
