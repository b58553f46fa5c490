"""The single-use table: a claimed approval passes again only where the first pass provably was not stored."""

from typing import Any

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.resources import Phase
from kubeapprove.verdict import Action, claim_for
from tests.verdict import scenes
from tests.verdict.scenes import HOUR, MINUTE, NEW, NOW, OLD, approval, asked, connect, decision, judge, with_metadata

PLAIN = scenes.request()
DEPLOYMENTS = {"group": "apps", "version": "v1", "resource": "deployments"}


def update(version: str | None, old: Any, new: Any, **fields: Any) -> Request:
    """Return the UPDATE of an object at this resourceVersion, whose generation goes from `old` to `new`."""
    return scenes.request(
        resource=DEPLOYMENTS,
        oldObject=with_metadata(OLD, resourceVersion=version, generation=old),
        object=with_metadata(NEW, resourceVersion=version, generation=new),
        **fields,
    )


RAISING = update("41", 3, 4)
EVICTION = scenes.request(
    operation="CREATE",
    resource=scenes.PODS,
    subResource="eviction",
    oldObject=None,
    object={"kind": "Eviction", "metadata": {"name": "a", "namespace": "default", "uid": "uid-of-a"}},
)
GENERATED = scenes.create(object={"metadata": {"generateName": "x-", "name": "x-bcdfg", "namespace": "default"}})
NO_UID = {key: value for key, value in OLD["metadata"].items() if key != "uid"}  # type: ignore[attr-defined]
# name: the request that claimed, the one that comes now, minutes later
AGAIN: dict[str, tuple[Request, Request, int]] = {
    "UPDATE, the object untouched": (PLAIN, scenes.request(uid="request-2"), 1),
    "UPDATE that raises the generation, the object untouched": (RAISING, update("41", 3, 4), 1),
    "UPDATE that raises the generation, another's status write since": (RAISING, update("57", 3, 4), 1),
    "UPDATE that raises the generation, by another step": (RAISING, update("57", 3, 9), 1),
    "DELETE of a uid": (scenes.delete(), scenes.delete(uid="request-2"), 1),
    "DELETE of a uid, the object touched since": (
        scenes.delete(),
        scenes.delete(oldObject=with_metadata(OLD, resourceVersion="42", deletionTimestamp="2026-01-31T09:00:01Z")),
        60,
    ),
    "UPDATE at the end of its time": (PLAIN, PLAIN, 60),
}
NEVER: dict[str, tuple[Request, Request, int]] = {
    "UPDATE, the object touched since": (PLAIN, scenes.request(oldObject=with_metadata(OLD, resourceVersion="42")), 1),
    "UPDATE, stored and put back (C079)": (RAISING, update("59", 5, 6), 1),
    "UPDATE, no resourceVersion": (
        scenes.request(oldObject=with_metadata(OLD, resourceVersion="")),
        scenes.request(oldObject=with_metadata(OLD, resourceVersion="")),
        1,
    ),
    "UPDATE, a resourceVersion that is no text": (update(None, None, None), update(None, None, None), 1),
    "UPDATE that did not raise the generation, another's write since": (update("41", 3, 3), update("42", 3, 3), 1),
    "UPDATE that did not raise the generation, raising it now": (update("41", 3, 3), update("42", 3, 4), 1),
    "UPDATE that raised the generation, not raising it now": (RAISING, update("42", 3, 3), 1),
    "UPDATE that raised the generation, not raising it now, untouched": (RAISING, update("41", 3, 3), 1),
    "UPDATE that would lower the generation": (update("41", 3, 2), update("42", 3, 2), 1),
    "UPDATE without a generation": (update("41", None, None), update("42", None, None), 1),
    "UPDATE whose generation is a boolean": (update("41", True, False), update("42", True, False), 1),
    "UPDATE after useWithin": (PLAIN, PLAIN, 61),
    "UPDATE that binds no uid": (
        scenes.request(oldObject={**OLD, "metadata": NO_UID}),
        scenes.request(oldObject={**OLD, "metadata": NO_UID}),
        1,
    ),
    "DELETE after useWithin": (scenes.delete(), scenes.delete(), 61),
    "DELETE that binds no uid": (
        scenes.delete(oldObject={**OLD, "metadata": NO_UID}),
        scenes.delete(oldObject={**OLD, "metadata": NO_UID}),
        1,
    ),
    "CREATE": (scenes.create(), scenes.create(), 0),
    "CREATE of a generated name": (GENERATED, GENERATED, 0),
    "CONNECT (C017)": (connect("exec", command=["id"]), connect("exec", command=["id"]), 0),
    "eviction": (EVICTION, EVICTION, 0),
}  # fmt: skip


def judged(first: Request, second: Request, later: int) -> tuple[Action, Phase | None]:
    """Approve, claim for the first request, and judge the second."""
    one, other = asked(first), asked(second)
    assert one.change.hash == other.change.hash
    stored = approval(one, decision(), status={"claim": claim_for(first, NOW).to_json()})
    verdict = judge(other, stored, NOW + later * MINUTE)
    return verdict.action, verdict.ended


@pytest.mark.parametrize("name", AGAIN)
def test_passes_again(name: str) -> None:
    assert judged(*AGAIN[name]) == (Action.PASS_AGAIN, None)


@pytest.mark.parametrize("name", NEVER)
def test_is_spent(name: str) -> None:
    assert judged(*NEVER[name]) == (Action.ASK, Phase.CONSUMED)


def test_a_second_pass_needs_a_decision_that_counts_now() -> None:
    stored = approval(None, decision(), status={"claim": claim_for(PLAIN, NOW).to_json()})
    assert judge(asked(), stored).reason is Reason.APPROVED
    verdict = judge(asked(), stored, may=scenes.nobody)
    assert (verdict.action, verdict.ended) == (Action.ASK, Phase.CONSUMED)


def test_what_was_claimed_and_then_revoked_does_not_pass_again() -> None:
    stored = approval(None, decision(), status={"claim": scenes.claim()}, revoked=scenes.revoked())
    assert judge(asked(), stored).ended is Phase.REVOKED


def test_useWithin_runs_from_the_decision_and_not_from_the_claim() -> None:  # noqa: N802 (the field's name)
    late = claim_for(PLAIN, NOW + HOUR).to_json()
    stored = approval(None, decision(), status={"claim": late})
    assert judge(asked(), stored, NOW + HOUR).action is Action.PASS_AGAIN
    assert judge(asked(), stored, NOW + HOUR + MINUTE).ended is Phase.CONSUMED
