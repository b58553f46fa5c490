"""An agent's fifty-first different request is refused and not asked for; nobody else notices (C103)."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from e2e.gated.webhook import DEFAULT_SETTINGS, Webhook
from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal, asked, refusal
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
MOST = 50


@pytest.fixture(scope="module", autouse=True)
def default(gated: Gated) -> Iterator[None]:
    webhook = Webhook(gated.control_plane, gated.control_plane.state / "webhook-default")
    with gated.answered_by([webhook], DEFAULT_SETTINGS):
        yield


def may_ask(place: Place, user: str, name: str) -> bool:
    return refusal(place.create("configmaps", config_map(name), as_=user)).reason == "ApprovalRequired"


def test_the_fifty_first(place: Place) -> None:
    user, other = (f"{name}-{place.namespace}" for name in ("eager", "other"))
    for name in (user, other):
        place.cp.identity(name, ["agents"])
    waiting: list[Refusal] = [
        asked(place.create("configmaps", config_map(f"n{number}"), as_=user)) for number in range(MOST)
    ]
    refused = refusal(place.create("configmaps", config_map("one-more"), as_=user))
    assert (refused.reason, refused.approval) == ("TooManyPending", "")
    assert "50 other requests of this agent wait for people" in refused.message
    assert len(place.items("manifestapprovals")) == MOST
    printed = place.kubectl("create", "configmap", "one-more", as_=user)
    assert "kubectl approve list -A" in printed.stderr, printed
    # What was asked for goes on, and so does everybody else.
    assert refusal(place.create("configmaps", config_map("n0"), as_=user)).reason == "ApprovalPending"
    place.approve(waiting[0])
    assert place.create("configmaps", config_map("n0"), as_=user)[0] == 201
    assert place.create("configmaps", config_map("of-a-person"), as_="admin")[0] == 201
    assert may_ask(place, other, "of-another-agent")
    # Used and deleted ones make room once they are counted again.
    assert place.delete("manifestapprovals", waiting[1].name, as_="admin")[0] == 200
    wait_until(lambda: may_ask(place, user, "one-more"), "an approval that was used made room")
    wait_until(lambda: may_ask(place, user, "two-more"), "an approval that was deleted made room")
    assert refusal(place.create("configmaps", config_map("three-more"), as_=user)).reason == "TooManyPending"
