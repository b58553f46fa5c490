"""Each phase as people see it: phase, what is missing, condition, Event, and when to look again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kubeapprove.mirror import MAX_MESSAGE
from kubeapprove.resources import ManifestApproval, Phase, format_time
from tests.mirror.looks import BORN, HOUR, MINUTE, NOW, condition, look, stored, written
from tests.verdict.scenes import AGENT, BOB, PENDING_UNTIL, claim, decision, denied, revoked

LATER = NOW + 2 * HOUR
DELETED = {"deletionTimestamp": format_time(NOW)}
# approval, now, phase, missing, since, words
SCENES: dict[str, tuple[dict[str, Any], datetime, Phase, int, datetime, str]] = {
    "approved": (
        stored(decision()),
        NOW,
        Phase.APPROVED,
        0,
        NOW,
        "alice approved it; agent@ai may use it once until 2026-01-31T10:00:00Z",
    ),
    "approved by two": (stored(decision(), decision(BOB)), NOW, Phase.APPROVED, 0, NOW, "alice, bob approved it;"),
    "denied": (stored(denied()), NOW, Phase.DENIED, 1, NOW, "alice denied it: not today"),
    "denied after an approval": (stored(decision(), denied(BOB)), NOW, Phase.DENIED, 1, NOW, "bob denied it"),
    "nobody decided": (stored(), PENDING_UNTIL + MINUTE, Phase.EXPIRED, 1, PENDING_UNTIL, "nobody decided in time"),
    "not used": (stored(decision()), LATER, Phase.EXPIRED, 0, NOW + HOUR, "it was approved and not used in time"),
    "used": (
        stored(decision(), status={"phase": "Consumed", "claim": claim()}),
        NOW,
        Phase.CONSUMED,
        0,
        NOW,
        "agent@ai used it (request request-0)",
    ),
    "revoked": (stored(decision(), revoked=revoked()), NOW, Phase.REVOKED, 1, NOW, "alice revoked it: changed my mind"),
    "being deleted": (stored(decision(), metadata=DELETED), LATER, Phase.REVOKED, 1, NOW, "it is being deleted"),
    "of another hash": (
        stored(manifestHash="sha256:" + "0" * 64),
        NOW,
        Phase.INVALID,
        1,
        BORN,
        "its change does not have its hash",
    ),
    "unreadable change": (stored(change="{{"), NOW, Phase.INVALID, 1, BORN, "its change does not have its hash"),
    "no canonical bytes": (stored(change='{"a": 1e999}'), NOW, Phase.INVALID, 1, BORN, "its change does not have"),
    "unknown field": (stored(colour="red"), NOW, Phase.INVALID, 1, BORN, "not an approval that this version"),
    "unknown field, denied": (stored(denied(), colour="red"), NOW, Phase.DENIED, 1, BORN, "it was denied; it is not"),
}


@pytest.mark.parametrize("scenario", SCENES)
def test_becomes(scenario: str) -> None:
    raw, now, phase, missing, since, words = SCENES[scenario]
    step = look(raw, now)
    assert step.status is not None
    assert (step.phase, step.status["phase"]) == (phase, str(phase))
    assert [entry["missing"] for entry in written(raw, step)["status"]["requirements"]] == [missing]
    entry = condition(step)
    assert (entry["type"], entry["status"]) == ("Usable", "True" if phase is Phase.APPROVED else "False")
    assert (entry["reason"], entry["lastTransitionTime"]) == (str(phase), format_time(since))
    assert entry["message"].startswith(words) or words in entry["message"]
    assert step.announcement is not None
    assert (step.announcement.reason, step.announcement.message) == (str(phase), entry["message"])
    assert not step.delete


@pytest.mark.parametrize("scenario", SCENES)
def test_once_written_nothing_is_left_to_do(scenario: str) -> None:
    raw, now, *_ = SCENES[scenario]
    after = look(written(raw, look(raw, now)), now + timedelta(seconds=1))
    assert (after.status, after.announcement, after.delete) == (None, None, False)


@pytest.mark.parametrize("scenario", sorted(set(SCENES) - {"unknown field", "unknown field, denied"}))
def test_what_is_written_can_be_read(scenario: str) -> None:
    raw, now, *_ = SCENES[scenario]
    model = ManifestApproval.parse(written(raw, look(raw, now)))
    assert model.status is not None
    assert model.status.phase is SCENES[scenario][2]


def test_warnings_are_what_somebody_may_have_to_act_on() -> None:
    warned = {
        phase for raw, now, phase, *_ in SCENES.values() if (news := look(raw, now).announcement) and news.is_warning
    }
    assert warned == {Phase.DENIED, Phase.EXPIRED, Phase.REVOKED, Phase.INVALID}


def test_what_an_agent_wrote_cannot_steer_a_terminal() -> None:
    raw = stored(metadata={"annotations": {"kubeapprove.io/object": "web\x1b[2J\nkubeapprove: approved"}})
    news = look(raw).announcement
    assert news is not None
    assert news.message.startswith(r"agent@ai asks for web\u001b[2J\nkubeapprove: approved; a person decides until")


@pytest.mark.parametrize("letter", ["x", "ж", "字", "😀"])
def test_a_long_reason_is_cut_to_the_bytes_that_an_event_holds(letter: str) -> None:
    message = condition(look(stored(denied(reason=letter * 4096))))["message"]
    assert MAX_MESSAGE - 4 < len(message.encode()) <= MAX_MESSAGE
    assert message.endswith(letter + "…")


@pytest.mark.parametrize("more", [0, 1])
def test_what_just_fits_is_not_cut(more: int) -> None:
    words = "alice denied it: "
    message = condition(look(stored(denied(reason="x" * (MAX_MESSAGE - len(words) + more)))))["message"]
    assert message.endswith("…") is bool(more)


def test_conditions_of_others_stay() -> None:
    other = {
        "type": "Seen",
        "status": "True",
        "reason": "Seen",
        "message": "",
        "lastTransitionTime": format_time(NOW),
    }
    step = look(stored(decision(), status={"phase": "Pending", "conditions": [other]}))
    assert step.status is not None
    assert step.status["conditions"][0] == other
    assert [entry["type"] for entry in step.status["conditions"]] == ["Seen", "Usable"]


def test_agents_and_requester_do_not_count() -> None:
    assert look(stored(decision(AGENT))).phase is Phase.PENDING


def test_a_phase_that_is_not_true_is_corrected() -> None:
    step = look(stored(status={"phase": "Approved"}))
    assert step.status is not None
    assert step.status["phase"] == "Pending"
    assert condition(step)["reason"] == "Pending"
