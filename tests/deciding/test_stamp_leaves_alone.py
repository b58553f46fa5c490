"""The stamp touches nothing that was there, and nothing that is no decision: the schema and the guard refuse that."""

from typing import Any

import pytest

from kubeapprove.request import Request
from kubeapprove.stamping import stamp
from tests.deciding.writes import ENTRY, deciding, with_spec, write
from tests.verdict.scenes import BOB, NOW, decision, raw_approval, revoked

FRESH = raw_approval()
DECIDED = raw_approval(None, decision(BOB))
REVOKED = raw_approval(None, revoked=revoked(BOB))

CASES: dict[str, Request] = {
    "no change": write(DECIDED, DECIDED),
    "a decision re-applied with its three fields, merged": write(DECIDED, with_spec(DECIDED, decisions={"d-0": decision(BOB)})),
    "a decision re-applied over the stamped fields": write(DECIDED, with_spec(DECIDED, decisions={"d-0": ENTRY})),
    "a revocation that was there": write(REVOKED, with_spec(REVOKED, revoked={"reason": "another"})),
    "a label": write(FRESH, {**FRESH, "metadata": {**FRESH["metadata"], "labels": {"a": "b"}}}),
    "the reason": write(FRESH, with_spec(FRESH, reason="because")),
    "an entry that is no object": write(FRESH, with_spec(FRESH, decisions={"x": "Approved"})),
    "decisions that are a list": write(FRESH, with_spec(FRESH, decisions=[ENTRY])),
    "a revocation that is no object": write(FRESH, with_spec(FRESH, revoked="yes")),
    "a spec that is no object": write(FRESH, {**FRESH, "spec": None}),
    "a deletion": write(DECIDED, DECIDED, operation="DELETE", object=None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_patches_nothing(name: str) -> None:
    assert stamp(CASES[name], NOW) == []


def test_only_the_new_one_of_two() -> None:
    patch: list[dict[str, Any]] = stamp(write(DECIDED, deciding(DECIDED, ENTRY)), NOW)
    assert [operation["path"] for operation in patch] == [
        "/spec/decisions/new-0/by",
        "/spec/decisions/new-0/groups",
        "/spec/decisions/new-0/at",
    ]
