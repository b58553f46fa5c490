"""The judge of the storm: what must not happen is found, from either witness, and nothing else is."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from e2e.faults.etcd import Version
from e2e.storm.judge import Evidence, calls_for_others, wrong_allows
from e2e.storm.sample import Kind

PLACE = "storm-1"
NAME = f"{PLACE}/update-web"
AGENT, PERSON = "system:serviceaccount:storm:agent-0", "carol"
OLD, NEW, ASKED, DENIED, FREE = (f"mark-x-{number:06d}-end" for number in range(1, 6))
KINDS = {OLD: Kind.PERSON, NEW: Kind.APPROVED, ASKED: Kind.ASKED, DENIED: Kind.DENIED, FREE: Kind.FREE}


def version(name: str, value: str | None, namespace: str = PLACE) -> Version:
    data = None if value is None else f"k8s\x00{value}".encode()
    return Version(f"/registry/configmaps/{namespace}/{name}", 5, data)


def event(user: str, facts: dict[str, str], verb: str = "create", **more: Any) -> dict[str, Any]:
    return {
        "verb": verb,
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/{PLACE}/configmaps",
        "objectRef": {"resource": "configmaps", "namespace": more.get("namespace", PLACE), "name": "web"},
        "user": {"username": user},
        "responseStatus": {"code": more.get("code", 201)},
        "annotations": {f"changes.kubeapprove.io/{key}": value for key, value in facts.items()},
    }


ALLOWED = {"approval": NAME, "verdict": "allow", "reason": "Approved"}


class Case:
    """An agent's one approved UPDATE, in order; a scenario breaks it."""

    def __init__(self) -> None:
        decision = {"for": "u1", "verdict": "Approved", "by": {"username": "alice"}, "groups": []}
        change = json.dumps({"fields": [{"from": OLD, "path": ["data", "n"], "to": NEW}]}, indent=2)
        spec = {"pendingUntil": "2026-01-31T10:00:00.000000Z", "change": change}
        decided = {"decisions": {"alice": decision | {"at": "2026-01-31T09:00:00.000000Z"}}}
        metadata = {"namespace": PLACE, "name": "update-web", "uid": "u1"}
        self.approval: list[dict[str, Any]] = copy.deepcopy(
            [
                {"metadata": metadata, "spec": spec},
                {"metadata": metadata, "spec": spec | decided},
                {"metadata": metadata, "spec": spec | decided, "status": {"claim": {"requestUID": "r1"}}},
            ]
        )
        self.objects = [version("web", NEW)]
        self.audit = [event(AGENT, ALLOWED, "patch")]

    @property
    def evidence(self) -> Evidence:
        approvals = [Version("a", number, json.dumps(one).encode()) for number, one in enumerate(self.approval)]
        kinds = {nonce.encode(): kind for nonce, kind in KINDS.items()}
        return Evidence(approvals, self.objects, self.audit, kinds, frozenset({AGENT}), f"{PLACE}-free")


def claimed_by_another(case: Case) -> None:
    case.approval.append(case.approval[-1] | {"status": {"claim": {"requestUID": "r2"}}})


def never_claimed(case: Case) -> None:
    del case.approval[-1]


def claimed_without_decision(case: Case) -> None:
    case.approval[-1]["spec"].pop("decisions")


def denied_when_it_was_claimed(case: Case) -> None:
    decisions = case.approval[-1]["spec"]["decisions"]
    decisions["bob"] = decisions["alice"] | {"verdict": "Denied"}


def stored_twice(case: Case) -> None:
    case.objects *= 2


def stored_without_approval(case: Case) -> None:
    case.objects.append(version("never-1", ASKED))


def stored_against_a_rule(case: Case) -> None:
    case.objects.append(version("kept-1", DENIED, f"{PLACE}-kept"))


def deleted_against_a_rule(case: Case) -> None:
    case.objects.append(version("kept-1", None, f"{PLACE}-kept"))


def free_change_elsewhere(case: Case) -> None:
    case.objects.append(version("free-1", FREE))


def stored_by_nobody_known(case: Case) -> None:
    case.objects.append(version("web", "something else"))


def passed_twice_in_the_log(case: Case) -> None:
    case.audit *= 2


def not_asked(case: Case) -> None:
    case.audit.append(event(AGENT, {}))


def created_with_a_refusal(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "ask", "reason": "ApprovalRequired", "approval": NAME}))


def changed_with_a_denial(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "deny", "reason": "PolicyDenied"}, "patch"))


def forgotten_by_etcd(case: Case) -> None:
    case.objects, case.approval, case.audit = [], [], []


def allowed_on_another_approval(case: Case) -> None:
    case.audit.append(event(AGENT, ALLOWED | {"approval": f"{PLACE}/other"}, code=409))


def a_rule_of_another_place(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "allow", "reason": "AllowedByPolicy"}))


BROKEN: dict[str, tuple[Callable[[Case], None], str]] = {
    "claimed by two requests": (claimed_by_another, "was claimed by 2 requests"),
    "stored, never claimed": (never_claimed, f"{NEW} was stored 1 times on 0 claimed approvals"),
    "claimed without a decision": (claimed_without_decision, f"{NEW} was stored 1 times on 0 claimed approvals"),
    "denied when it was claimed": (denied_when_it_was_claimed, f"{NEW} was stored 1 times on 0 claimed approvals"),
    "stored twice": (stored_twice, f"{NEW} was stored 2 times on 1 claimed approvals"),
    "stored, never approved": (stored_without_approval, "which nobody ever approved"),
    "stored, denied by a rule": (stored_against_a_rule, "which a rule denies"),
    "deleted, denied by a rule": (deleted_against_a_rule, "was deleted, which only an agent tried"),
    "a rule's change elsewhere": (free_change_elsewhere, "outside of where a rule lets agents write"),
    "stored by nobody known": (stored_by_nobody_known, "was stored by nobody that is known"),
    "passed twice in the log": (passed_twice_in_the_log, f"2 changes passed on {NAME}"),
    "the gate was not asked": (not_asked, "the gate's answer was None"),
    "created with a refusal": (created_with_a_refusal, "the gate's answer was ApprovalRequired"),
    "changed with a denial": (changed_with_a_denial, "the gate's answer was PolicyDenied"),
    "forgotten by etcd": (forgotten_by_etcd, "1 approved changes passed, and etcd tells of 0"),
    "allowed on what nobody claimed": (allowed_on_another_approval, "which nobody had approved and claimed"),
    "allowed by a rule of another place": (a_rule_of_another_place, "the gate's answer was AllowedByPolicy"),
}


def test_what_is_in_order_is_not_reported() -> None:
    assert wrong_allows(Case().evidence, 1) == []


@pytest.mark.parametrize("scenario", BROKEN)
def test_what_is_not_is_reported(scenario: str) -> None:
    breaks, sentence = BROKEN[scenario]
    case = Case()
    breaks(case)
    assert sentence in "; ".join(wrong_allows(case.evidence, 1))


def root_ca(case: Case) -> None:
    case.objects.append(version("kube-root-ca.crt", "certificate"))


def a_persons_write(case: Case) -> None:
    case.objects.append(version("people-1", OLD))
    case.audit.append(event(PERSON, {}))


def a_persons_deletion(case: Case) -> None:
    case.objects.append(version("people-1", None))


def a_rules_change(case: Case) -> None:
    case.objects.append(version("free-1", FREE, f"{PLACE}-free"))
    case.audit.append(event(AGENT, {"verdict": "allow", "reason": "AllowedByPolicy"}, namespace=f"{PLACE}-free"))


def no_change(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "allow", "reason": "NoChange"}, "patch", code=200))


def not_let_in(case: Case) -> None:
    case.audit.append(event(AGENT, {}, code=401) | {"user": {}})


def refused(case: Case) -> None:
    case.audit.append(event(AGENT, {"verdict": "ask", "reason": "ApprovalRequired"}, code=403))


def asked_about_an_older_object_first(case: Case) -> None:
    case.audit = [event(AGENT, {"verdict": "ask", "reason": "ApprovalRequired", "approval": f"{PLACE}/other"}, "patch")]


def claimed_and_never_stored(case: Case) -> None:
    case.objects, case.audit = [], []


@pytest.mark.parametrize(
    "change",
    [
        root_ca,
        a_persons_write,
        a_persons_deletion,
        a_rules_change,
        no_change,
        not_let_in,
        refused,
        asked_about_an_older_object_first,
        claimed_and_never_stored,
    ],
)
def test_what_is_harmless_is_not_reported(change: Callable[[Case], None]) -> None:
    case = Case()
    change(case)
    assert wrong_allows(case.evidence, len(case.objects) and 1) == []


def test_a_call_for_a_person_is_reported() -> None:
    case = Case()
    case.audit.append(event(PERSON, {"verdict": "allow", "reason": "NoChange"}))
    assert calls_for_others(case.evidence) == [f"the gate was asked about create configmaps {PLACE}/web of carol"]


def test_calls_for_agents_and_about_approvals_are_not() -> None:
    case = Case()
    of_approvals = event(PERSON, {"verdict": "allow", "reason": "Decided"})
    of_approvals["objectRef"]["apiGroup"] = "kubeapprove.io"
    case.audit.append(of_approvals)
    assert calls_for_others(case.evidence) == []
