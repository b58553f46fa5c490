"""A managed cluster that changes registrations is asked to leave both of ours as they are (C100)."""

from kubeapprove.registration import render_registration
from tests.registration.scenes import AGENTS, BY_SERVICE, SETTINGS


def test_the_annotation_is_on_both() -> None:
    marks = [made["metadata"]["annotations"] for made in render_registration(SETTINGS, AGENTS, BY_SERVICE)]
    assert marks == [{"admissions.enforcer/disabled": "true"}] * 2
