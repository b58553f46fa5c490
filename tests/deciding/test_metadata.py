"""Labels and annotations are free, finalizers and ownerReferences may only go, everything else stays as it is."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.reasons import Reason
from tests.deciding.writes import ENTRY, deciding, send
from tests.verdict.scenes import AGENT, BOB, raw_approval

OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u-o"}
HELD = {"finalizers": ["x.io/a", "x.io/b"], "ownerReferences": [OWNER, {**OWNER, "uid": "u-p"}], "labels": {"a": "b"}}
SERVERS = {"resourceVersion": "8", "generation": 2, "managedFields": [{"manager": "kubectl"}]}

HARMLESS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "what the server writes": ({}, SERVERS),
    "a label comes": ({}, {"labels": {"a": "b"}}),
    "a label changes": ({"labels": {"a": "b"}}, {"labels": {"a": "c"}}),
    "labels go": ({"labels": {"a": "b"}}, {"labels": None}),
    "an annotation comes": ({}, {"annotations": {"a": "b"}}),
    "a finalizer goes": (HELD, {**HELD, "finalizers": ["x.io/b"]}),
    "finalizers go": (HELD, {**HELD, "finalizers": None}),
    "an owner goes": (HELD, {**HELD, "ownerReferences": [OWNER]}),
    "owners go": (HELD, {**HELD, "ownerReferences": []}),
    "all of it at once": (HELD, {**SERVERS, "labels": {"c": "d"}, "annotations": {"e": "f"}}),
}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a finalizer comes": ({}, {"finalizers": ["x.io/a"]}, "metadata.finalizers"),
    "a finalizer is swapped": (HELD, {**HELD, "finalizers": ["x.io/c"]}, "metadata.finalizers"),
    "an owner comes": ({}, {"ownerReferences": [OWNER]}, "metadata.ownerReferences"),
    "an owner is altered": (
        HELD,
        {**HELD, "ownerReferences": [{**OWNER, "blockOwnerDeletion": True}]},
        "metadata.ownerReferences",
    ),
    "the uid": ({}, {"uid": "another"}, "stays as it is"),
    "the time of creation": ({}, {"creationTimestamp": "2026-01-01T00:00:00Z"}, "stays as it is"),
    "a field that this version does not know": ({}, {"surprise": 1}, "stays as it is"),
}


def meta(**fields: Any) -> dict[str, Any]:
    approval = raw_approval(metadata=fields)
    return {**approval, "metadata": {key: value for key, value in approval["metadata"].items() if value is not None}}


@pytest.mark.parametrize("name", HARMLESS)
def test_is_harmless(name: str) -> None:
    before, after = HARMLESS[name]
    judgement = send(meta(**before), meta(**after), BOB)
    assert (judgement.write, judgement.reason) == (Write.NOTHING, Reason.HARMLESS_EDIT)


@pytest.mark.parametrize("name", [name for name in HARMLESS if name != "nothing"])
def test_may_come_with_a_decision(name: str) -> None:
    before, after = HARMLESS[name]
    assert send(meta(**before), deciding(meta(**after), ENTRY)).write is Write.DECISION


@pytest.mark.parametrize("with_decision", [False, True], ids=["alone", "with a decision"])
@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str, with_decision: bool) -> None:
    before, after, sentence = REFUSED[name]
    new = meta(**after)
    judgement = send(meta(**before), deciding(new, ENTRY) if with_decision else new)
    assert (judgement.write, judgement.reason) == (Write.REFUSED, Reason.NOT_A_DECISION)
    assert sentence in judgement.sentence


def test_a_status_beside_it_is_dropped_by_the_server_and_no_matter_here() -> None:
    old = raw_approval()
    assert send(old, {**old, "status": {"phase": "Approved"}}).write is Write.NOTHING


def test_the_webhook_for_agents_refuses_theirs_and_not_this_guard() -> None:
    old = raw_approval()
    assert send(old, old, AGENT).write is Write.NOTHING
