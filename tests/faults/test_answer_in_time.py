"""However long its own calls take, the webhook answers while the API server still waits.

Where it does not, the agent reads the API server's own words in place of ours, and they show the webhook's secret path.
"""

import pytest

from e2e.faults import faults
from tests.faults.scene import CREATE, Scene

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
GIVEN = 2.0


def test_claim_and_look_without_answer(scene: Scene) -> None:
    scene.approved(CREATE)
    scene.world.front.on("changes", faults.given(GIVEN))
    with (
        scene.world.back.held("claim"),
        scene.world.back.held("get approval"),
        scene.attempting(CREATE, "claim and look without an answer") as result,
    ):
        assert result.result() == "Unavailable"
