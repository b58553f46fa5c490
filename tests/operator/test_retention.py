"""A finished approval is deleted after its time, by the operator alone; one that was denied is kept for longer."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import Place, asked
from tests.operator.seen import a_place, becomes

pytestmark = pytest.mark.cluster


@pytest.fixture
def place(gated: Gated, operator: Operator) -> Iterator[Place]:
    """Return a namespace of a cluster whose operator keeps what is finished for two seconds."""
    place = a_place(gated)
    operator.stop()
    hurried = gated.another_operator("hurried-operator")
    hurried.write_files(gated.settings | {"keepFinished": "2s"})
    hurried.start()
    yield place
    hurried.stop()


def test_used_is_deleted_denied_and_pending_stay(place: Place) -> None:
    used = asked(place.ask())
    place.approve(used)
    assert place.ask()[0] == 201
    denied = asked(place.delete("configmaps", "web"))
    assert place.decide(denied, verdict="Denied")[0] == 200
    pending = asked(place.patch("configmaps", "web", {"data": {"color": "blue"}}))
    wait_until(lambda: not place.exists("manifestapprovals", used.name), "the spent approval was deleted")
    becomes(place, denied, "Denied")
    becomes(place, pending, "Pending")


def test_by_broken_glass_is_kept_until_somebody_else_acknowledges_it(place: Place) -> None:
    place.cp.identity("zoe", ["breakers"])
    used, owed = asked(place.ask()), asked(place.create("configmaps", {"metadata": {"name": "other"}}))
    place.approve(used)
    assert place.decide(owed, as_="zoe", reason="the shop is down", breakGlass=True)[0] == 200
    assert place.create("configmaps", {"metadata": {"name": "other"}})[0] == 201
    becomes(place, owed, "Consumed")
    assert place.ask()[0] == 201
    # Used later, and gone: so the one by broken glass was kept beyond its time.
    wait_until(lambda: not place.exists("manifestapprovals", used.name), "the spent approval was deleted")
    assert place.exists("manifestapprovals", owed.name)
    word = {"spec": {"acknowledgements": {"alice": {"reason": "seen, right so"}}}}
    assert place.patch_approval(owed, word)[0] == 200
    wait_until(lambda: not place.exists("manifestapprovals", owed.name), "the acknowledged approval was deleted")
