"""How many people each requirement still lacks is kept true in the status, by the requirements that the gate wrote."""

import pytest

from kubeapprove.requirements import Requirement
from kubeapprove.resources import ManifestApproval, Phase
from tests.mirror.looks import HOUR, MINUTE, NOW, condition, look, stored, written
from tests.verdict.scenes import ALICE, BOB, PENDING_UNTIL, by_groups, by_users, decision

TWO = by_groups("approvers", policy="prod", rule="databases", count=2, allow_owner=True)
SAM = by_users("sam", policy="all")
LACKS = "1 of 2 approvals by group approvers (policy prod, rule databases) and 1 approval by user sam (policy all)"


def test_told_with_each_decision() -> None:
    raw = stored(decision(ALICE), requirements=(TWO, SAM))
    step = look(raw)
    assert (step.phase, [entry["missing"] for entry in written(raw, step)["status"]["requirements"]]) == (
        Phase.PENDING,
        [1, 1],
    )
    assert condition(step)["message"].startswith(f"alice approved it, still missing: {LACKS}; ")
    assert look(written(raw, step)).status is None


def test_what_the_gate_wrote_stays_beside_it() -> None:
    raw = stored(decision(ALICE), requirements=(TWO, SAM))
    before = [{**entry, "missing": 1} for entry in raw["status"]["requirements"]]
    assert written(raw, look(raw))["status"]["requirements"] == before
    assert ManifestApproval.parse(written(raw, look(raw))).status is not None


def test_too_few_in_time() -> None:
    raw = stored(decision(ALICE), requirements=(TWO, SAM))
    step = look(raw, PENDING_UNTIL + MINUTE)
    assert (step.phase, condition(step)["message"]) == (
        Phase.EXPIRED,
        f"not enough people decided in time: {LACKS}",
    )


@pytest.mark.parametrize("decisions", [(), (decision(BOB),)], ids=["undecided", "approved"])
def test_nothing_is_made_up_where_the_gate_wrote_nothing_yet(decisions: tuple[dict[str, object], ...]) -> None:
    raw = stored(*decisions, requirements=())
    assert "requirements" not in (look(raw, NOW).status or {})


def test_the_time_to_use_it_is_the_shortest_that_the_gate_wrote() -> None:
    raw = stored(decision(), requirements=(Requirement(), Requirement(use_within=10 * MINUTE)))
    assert look(raw, NOW + 10 * MINUTE).phase is Phase.APPROVED
    assert look(raw, NOW + HOUR).phase is Phase.EXPIRED
