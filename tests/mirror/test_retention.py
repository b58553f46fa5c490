"""Finished approvals are deleted after their time: a week, denied ones a month, never one that still waits."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.requirements import Requirement
from kubeapprove.settings import read_settings
from tests.mirror.looks import BORN, HOUR, NOW, SETTINGS, look, stored, written
from tests.verdict.scenes import PENDING_UNTIL, claim, decision, denied, revoked

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
USED = {"phase": "Consumed", "claim": claim()}
# approval, when it ended, how long it is kept
ENDED: dict[str, tuple[dict[str, Any], datetime, timedelta]] = {
    "used": (stored(decision(), status=USED), NOW, WEEK),
    "revoked": (stored(revoked=revoked()), NOW, WEEK),
    "expired": (stored(), PENDING_UNTIL, WEEK),
    "not used": (stored(decision()), NOW + HOUR, WEEK),
    "invalid": (stored(change="{{"), BORN, WEEK),
    "unreadable": (stored(colour="red"), BORN, WEEK),
    "denied": (stored(denied()), NOW, MONTH),
    "unreadable and denied": (stored(denied(), colour="red"), BORN, MONTH),
}


@pytest.mark.parametrize("scenario", ENDED)
def test_deleted_when_its_time_is_over(scenario: str) -> None:
    raw, ended, kept = ENDED[scenario]
    step = look(raw, ended + kept)
    assert step.delete
    assert (step.status, step.announcement, step.look_again) == (None, None, None)


@pytest.mark.parametrize("scenario", ENDED)
def test_kept_until_then_and_looked_at_again_then(scenario: str) -> None:
    raw, ended, kept = ENDED[scenario]
    just_before = ended + kept - timedelta(seconds=1)
    step = look(raw, just_before)
    assert not step.delete
    assert step.look_again == ended + kept
    assert look(written(raw, step), just_before).look_again == ended + kept


@pytest.mark.parametrize("decisions", [(), (decision(),)], ids=["pending", "approved"])
def test_never_while_it_waits(decisions: tuple[dict[str, Any], ...]) -> None:
    long = Requirement(use_within=timedelta(days=30))
    short = read_settings({"keepFinished": "1s"})
    assert not look(stored(*decisions, requirements=(long,)), NOW + 23 * HOUR, short).delete


def test_what_is_being_deleted_already_is_left_to_the_api_server() -> None:
    step = look(stored(metadata={"deletionTimestamp": "2026-01-31T09:00:00Z"}), NOW + MONTH)
    assert (step.delete, step.look_again) == (False, None)


def test_times_come_from_the_settings() -> None:
    short = read_settings({"keepFinished": "1h", "keepDenied": "2h"})
    assert look(ENDED["used"][0], NOW + HOUR, short).delete
    assert not look(ENDED["denied"][0], NOW + HOUR, short).delete
    assert look(ENDED["denied"][0], NOW + 2 * HOUR, short).delete
    assert SETTINGS.keep_finished == WEEK
    assert SETTINGS.keep_denied == MONTH
