"""A decision is never altered or removed, and one write adds one (C067)."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.asking import Place, asked

pytestmark = pytest.mark.cluster


Spec = dict[str, Any]


def altered(spec: Spec) -> None:
    spec["decisions"]["of-alice"]["reason"] = "never read it"


def turned(spec: Spec) -> None:
    spec["decisions"]["of-alice"]["verdict"] = "Denied"


def removed(spec: Spec) -> None:
    del spec["decisions"]["of-alice"]


def renamed(spec: Spec) -> None:
    spec["decisions"]["mine"] = spec["decisions"].pop("of-alice")


def two(spec: Spec) -> None:
    spec["decisions"] |= {
        key: {"for": spec["decisions"]["of-alice"]["for"], "verdict": "Approved", "reason": ""} for key in ("a", "b")
    }


def decision_and_revocation(spec: Spec) -> None:
    spec["decisions"]["a"] = {"for": spec["decisions"]["of-alice"]["for"], "verdict": "Approved", "reason": ""}
    spec["revoked"] = {"reason": ""}


def another_hash(spec: Spec) -> None:
    spec["manifestHash"] = "sha256:" + "0" * 64


def another_change(spec: Spec) -> None:
    spec["change"] += " "


def another_requester(spec: Spec) -> None:
    spec["requester"]["username"] = "agent:bot2"


def longer(spec: Spec) -> None:
    spec["pendingUntil"] = "2036-01-01T00:00:00.000000Z"


def a_past(spec: Spec) -> None:
    spec["previous"] = {"uid": "x", "outcome": "Expired"}


WRITES = (
    altered, turned, removed, renamed, two, decision_and_revocation, another_hash, another_change, another_requester,
    longer, a_past,
)  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
@pytest.mark.parametrize("who", ["bob", "admin"])
def test_refused(place: Place, write: Callable[[Spec], None], who: str) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting)[0] == 200
    before = place.approval(waiting)
    after = copy.deepcopy(before)
    write(after["spec"])
    status, answer = place.cp.raw("PUT", place.path("manifestapprovals", waiting.name), after, as_=who)
    assert status in {403, 422}, answer
    assert place.approval(waiting)["spec"] == before["spec"]
