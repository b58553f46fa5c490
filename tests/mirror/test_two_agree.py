"""Two operators at two moments write the same bytes and announce under the same name: repeating does no harm."""

from datetime import timedelta

import pytest

from tests.mirror.looks import look
from tests.mirror.test_phases import SCENES


@pytest.mark.parametrize("scenario", SCENES)
def test_the_same_at_another_moment(scenario: str) -> None:
    raw, now, *_ = SCENES[scenario]
    one, other = look(raw, now), look(raw, now + timedelta(seconds=50))
    assert (one.status, one.announcement) == (other.status, other.announcement)


def test_each_phase_of_each_approval_has_a_name_of_its_own() -> None:
    steps = {scenario: look(raw, now) for scenario, (raw, now, *_) in SCENES.items()}
    names = {(step.phase, step.announcement.name) for step in steps.values() if step.announcement is not None}
    assert len({name for _, name in names}) == len(names)
    assert all(name.startswith("m.") and len(name) == 18 for _, name in names)
