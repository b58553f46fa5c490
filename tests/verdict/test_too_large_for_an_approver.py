"""C051: what an approver could not see as a whole is refused, with what to do instead."""

from dataclasses import replace

from kubeapprove.reasons import Reason
from kubeapprove.requirements import Requirement
from kubeapprove.verdict import Action, Verdict, by_ruling
from tests.verdict import scenes
from tests.verdict.scenes import ANYONE, NEW, OLD, asked

LONG = "x" * (128 * 1024 + 1)


def judged(*asks: Requirement, **fields: object) -> Verdict | None:
    request = scenes.request(**fields)
    return by_ruling(scenes.ruling(*asks), asked(request).change)


def test_a_text_that_is_cut() -> None:
    verdict = judged(ANYONE, object={**NEW, "data": {"k": LONG}})
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.TOO_LARGE)
    assert "/fields/0/to is longer than 128 KiB" in verdict.sentence


def test_the_longest_text_that_is_shown() -> None:
    assert judged(ANYONE, object={**NEW, "data": {"k": LONG[1:]}}) is None


def test_a_long_text_that_goes_may_be_cut() -> None:
    assert judged(ANYONE, oldObject={**OLD, "data": {"k": LONG}}) is None


def test_a_change_over_one_mebibyte() -> None:
    verdict = judged(ANYONE, object={**NEW, "data": {f"k{index}": LONG[1:] for index in range(8)}})
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.TOO_LARGE)
    assert "over 1 MiB" in verdict.sentence


def test_a_text_that_is_cut_where_every_rule_allows_that() -> None:
    allowing = replace(ANYONE, allow_cut=True)
    assert judged(allowing, allowing, object={**NEW, "data": {"k": LONG}}) is None
    verdict = judged(allowing, ANYONE, object={**NEW, "data": {"k": LONG}})
    assert verdict is not None
    assert verdict.reason is Reason.TOO_LARGE
