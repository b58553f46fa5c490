"""An approval whose broken glass nobody else has reviewed is not deleted, however long it has been finished."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove.resources import format_time
from tests.mirror.looks import HOUR, NOW, condition, look, stored
from tests.verdict.scenes import ALICE, BOB, claim, decision, denied, revoked

YEAR = timedelta(days=365)
BROKEN = decision(ALICE, breakGlass=True)
WORD = {"by": decision(BOB)["by"], "at": format_time(NOW + HOUR), "reason": "looked at it"}
OWED = {"uid": "u-0", "by": decision(ALICE)["by"], "at": format_time(NOW), "reason": "the shop"}
FINISHED: dict[str, tuple[tuple[dict[str, Any], ...], dict[str, Any]]] = {
    "used": ((BROKEN,), {"status": {"claim": claim()}}),
    "expired": ((BROKEN,), {}),
    "revoked": ((BROKEN,), {"revoked": revoked(BOB)}),
    "denied": ((BROKEN, denied(BOB)), {}),
    "of another hash": ((BROKEN,), {"manifestHash": "sha256:" + "0" * 64}),
    "expired, and owed for the one before": ((), {"previous": {"uid": "u-0", "outcome": "Consumed", "owed": [OWED]}}),
}


@pytest.mark.parametrize("name", FINISHED)
def test_kept_while_it_is_owed(name: str) -> None:
    entries, fields = FINISHED[name]
    step = look(stored(*entries, **fields), NOW + YEAR)
    assert (step.delete, step.look_again) == (False, None)


@pytest.mark.parametrize("name", FINISHED)
def test_deleted_once_somebody_else_looked_at_it(name: str) -> None:
    entries, fields = FINISHED[name]
    assert look(stored(*entries, acknowledgements={"a": WORD}, **fields), NOW + YEAR).delete


def test_people_see_that_glass_was_broken() -> None:
    words = condition(look(stored(BROKEN)))["message"]
    assert words.startswith("alice (broke the glass) approved it; agent@ai may use it once until")
