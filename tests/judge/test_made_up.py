"""What nobody recorded: core and the judge agree on objects that are realistic, and nasty."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kubeapprove.strictjson import UnreadableError
from tests.judge import reviews, side_by_side
from tests.judge.objects import KINDS
from tests.judge.summary import PROPERTY

pytestmark = pytest.mark.no_cover  # tables reach every line; coverage doubles what this costs

HOW_MANY = {"CREATE": 200, "UPDATE": 500, "DELETE": 100, "CONNECT": 100}
POINTERS = (("spec", "hidden"), ("spec", "users", "*", "password"), ("spec", "pair", "1"))


@pytest.mark.parametrize("operation", HOW_MANY)
def test_core_and_the_judge_agree(operation: str, record_property: Callable[[str, object], None]) -> None:
    judged: Counter[str] = Counter()

    @settings(max_examples=HOW_MANY[operation], deadline=None, derandomize=True, database=None)
    @given(st.randoms(use_true_random=True), st.sampled_from(sorted(KINDS)))
    def agree(r: Random, kind: str) -> None:
        raw = reviews.OPERATIONS[operation](r, kind)
        try:
            found = side_by_side.differences(raw, POINTERS)
        except UnreadableError:
            assume(False)
        else:
            assert found == [], raw
            judged[kind] += 1

    agree()
    record_property(PROPERTY, f"made up: {judged.total()} {operation} of {len(judged)} kinds: core and the judge agree")
    assert len(judged) == len(KINDS)
