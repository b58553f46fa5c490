"""A new approval: told as an Event, and left as it was born, because a write of it may cost a megabyte."""

from kubeapprove.mirror import NEWS
from kubeapprove.resources import Phase
from tests.mirror.looks import BORN, NOW, look, stored
from tests.verdict.scenes import PENDING_UNTIL

NOTES = {
    "kubeapprove.io/operation": "UPDATE",
    "kubeapprove.io/resource": "deployments/scale",
    "kubeapprove.io/object": "web",
}


def test_told_who_asks_for_what_and_how_to_read_it() -> None:
    step = look(stored(metadata={"annotations": NOTES}))
    assert (step.phase, step.status) == (Phase.PENDING, None)
    assert step.announcement is not None
    assert step.announcement.reason == "ApprovalRequired"
    assert step.announcement.message == (
        "agent@ai asks for UPDATE deployments/scale web; a person decides until 2026-02-01T09:00:00Z: "
        "kubectl approve review -n default m"
    )
    assert not step.announcement.is_warning


def test_no_news_when_it_is_old() -> None:
    assert look(stored(), BORN + NEWS).announcement is None


def test_looked_at_again_the_moment_it_has_expired() -> None:
    step = look(stored())
    assert step.look_again is not None
    assert look(stored(), step.look_again).phase is Phase.EXPIRED
    assert look(stored(), PENDING_UNTIL).phase is Phase.PENDING


def test_without_the_moment_of_its_birth_nothing_is_deleted_or_told_wrongly() -> None:
    step = look(
        stored(metadata={"creationTimestamp": None}, status={"phase": "Invalid"}, manifestHash="sha256:" + "0" * 64),
        NOW,
    )
    assert (step.phase, step.delete) == (Phase.INVALID, False)


def test_a_moment_without_offset_is_taken_as_utc() -> None:
    step = look(stored(metadata={"creationTimestamp": "2026-01-31T08:59:00"}, colour="red"))
    assert step.status is not None
    assert step.status["conditions"][0]["lastTransitionTime"] == "2026-01-31T08:59:00.000000Z"
