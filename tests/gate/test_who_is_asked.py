"""Whoever the registration sends is an agent by a policy or refused, and odd extras change nothing (C026, C035)."""

from collections.abc import Iterator

import pytest

from e2e.gated.gated import Gated
from tests.gate.asking import Place, asked, grant, refusal
from tests.gate.policies import STRAYS
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster


@pytest.fixture
def sends_more(gated: Gated) -> Iterator[None]:
    """Delete a policy; the registration does not follow by itself where no operator runs."""
    gated.delete(STRAYS)
    gated.wait_until_known()
    yield
    gated.apply(STRAYS)


@pytest.mark.usefixtures("sends_more")
def test_sent_and_not_known(place: Place) -> None:
    user = f"stray-{place.namespace}"
    place.cp.identity(user, ["strays"])
    grant(place, "User", user, "cluster-admin")
    for query in ("", "?dryRun=All"):
        assert refusal(place.create("configmaps", config_map(), user, query)).reason == "NotEnrolled"
    assert asked(place.ask()).reason == "ApprovalRequired"
    assert not place.exists("configmaps", "web")


EXTRAS = {
    "Impersonate-Uid": "7",
    "Impersonate-Extra-canonicalArn": "arn:aws:iam::111122223333:role/x",
    "Impersonate-Extra-a.b%2Fc": "x",
    "Impersonate-Extra-empty": "",
}


def test_an_agent_with_extras_is_one(place: Place) -> None:
    headers = {"Impersonate-User": "agent:bot2", "Impersonate-Group": "agents", **EXTRAS}
    waiting = asked(place.cp.raw("POST", place.path("configmaps"), config_map(), "admin", headers))
    requester = place.approval(waiting)["spec"]["requester"]
    assert (requester["username"], requester["uid"], requester["extra"]["a.b/c"]) == ("agent:bot2", "7", ["x"])


def test_an_agent_without_extras_is_one(place: Place) -> None:
    headers = {"Impersonate-User": "agent:bot2", "Impersonate-Group": "agents"}
    assert asked(place.cp.raw("POST", place.path("configmaps"), config_map(), "admin", headers)).hash


def test_a_person_with_extras_is_none(place: Place) -> None:
    before = place.gated.webhook.answers()
    headers = {"Impersonate-User": "erin", "Impersonate-Group": "system:masters", **EXTRAS}
    assert place.cp.raw("POST", place.path("configmaps"), config_map(), "admin", headers)[0] == 201
    assert place.gated.webhook.answers() == before


@pytest.mark.parametrize("group", ["Agents", "agents ", "аgents", "agents\u200b", "system:agents"])  # noqa: RUF001
def test_a_group_that_only_looks_like_the_agents(place: Place, group: str) -> None:
    """Groups are compared literally, as RBAC compares them: what binds `agents` binds none of these."""
    user = f"looks-{place.namespace}"
    place.cp.identity(user, [group])
    grant(place, "User", user, "cluster-admin")
    assert place.create("configmaps", config_map(), user)[0] == 201
