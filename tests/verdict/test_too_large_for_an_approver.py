"""C051: what an approver could not see as a whole is refused, with what to do instead."""

from kubeapprove.reasons import Reason
from kubeapprove.verdict import Action, Verdict, before_approval
from tests.verdict import scenes
from tests.verdict.scenes import NEW, OLD, asked

LONG = "x" * (128 * 1024 + 1)


def judged(**fields: object) -> Verdict | None:
    request = scenes.request(**fields)
    return before_approval(request, asked(request).change)


def test_a_text_that_is_cut() -> None:
    verdict = judged(object={**NEW, "data": {"k": LONG}})
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.TOO_LARGE)
    assert "/fields/0/to is longer than 128 KiB" in verdict.sentence


def test_the_longest_text_that_is_shown() -> None:
    assert judged(object={**NEW, "data": {"k": LONG[1:]}}) is None


def test_a_long_text_that_goes_may_be_cut() -> None:
    assert judged(oldObject={**OLD, "data": {"k": LONG}}) is None


def test_a_change_over_one_mebibyte() -> None:
    verdict = judged(object={**NEW, "data": {f"k{index}": LONG[1:] for index in range(8)}})
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.TOO_LARGE)
    assert "over 1 MiB" in verdict.sentence
