"""With every policy deleted, whoever is still sent to the gate is refused, approved or not; no deletion lets anybody in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from e2e.gated.gated import Gated
from tests.gate.asking import Place, asked, refusal
from tests.gate.policies import POLICIES
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster


@contextmanager
def deleted(gated: Gated) -> Iterator[None]:
    """Delete all; the registration does not follow by itself where no operator runs."""
    gated.delete(*POLICIES)
    try:
        gated.wait_until_known()
        yield
    finally:
        gated.apply(*POLICIES)


def test_everybody_who_is_sent_is_refused(place: Place) -> None:
    place.approve(asked(place.ask()))
    observed, allowed = place.agent("observed-agents"), place.agent("ruled-agents")
    with deleted(place.gated):
        for answer in (
            place.ask(),
            place.ask(as_=observed),
            place.create("configmaps", config_map("small"), allowed),
            place.create("configmaps", config_map(), query="?dryRun=All"),
        ):
            assert refusal(answer).reason == "NotEnrolled"
        assert not place.exists("configmaps", "web")
        place.given("configmaps", config_map("of-a-person"))
    # With the policies back, what was approved before is approved still.
    assert place.ask()[0] == 201
