"""The whole registration as a file, so that every change of it is seen in a review."""

import json
from pathlib import Path

from kubeapprove.registration import render_registration
from tests.registration.scenes import AGENTS, BY_URL, SETTINGS

GOLDEN = Path(__file__).parent / "assets" / "registration.json"


def test_the_registration_is_the_one_in_the_file() -> None:
    assert render_registration(SETTINGS, AGENTS, BY_URL) == json.loads(GOLDEN.read_text(encoding="utf-8"))
