"""The operator is killed before each of its writes is sent, and after it was done but not answered: the same end state."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from e2e.faults.calls import kind_of_operator_call
from e2e.faults.proxy import Proxy
from e2e.gated.gated import Gated
from e2e.gated.operator import Operator
from e2e.waiting import wait_until
from tests.gate.asking import JSON_PATCH, Place, Refusal, asked
from tests.operator.seen import EVENTS, a_place, becomes
from tests.operator.test_registration_kept import VALIDATING, is_as_before, read

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
ONE_APPROVAL = {"policy": "agents", "rule": "", "count": 1, "useWithin": "5m"}
WHEN = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@dataclass
class Mortal:
    """The only operator that runs, behind a proxy that stops its writes. It keeps what is finished for 2 s."""

    gated: Gated
    proxy: Proxy
    operator: Operator

    @property
    def place(self) -> Place:
        """A new namespace."""
        return a_place(self.gated)

    def dies_at(self, kind: str, *, after: bool) -> "Death":
        """Kill it at its next write of a kind, and start it again at the end of the block."""
        return Death(self, kind, after)


class Death:
    """Inside the block the write is provoked; at its end the operator is killed while it waits, and started again."""

    def __init__(self, mortal: Mortal, kind: str, after: bool) -> None:
        self._mortal, self._held = mortal, mortal.proxy.held(kind, after=after)

    def __enter__(self) -> None:
        self._hold = self._held.__enter__()

    def __exit__(self, *error: object) -> None:
        self._hold.wait()
        self._mortal.operator.kill()
        self._held.__exit__(None, None, None)
        self._mortal.operator.launch()


@pytest.fixture(scope="module")
def mortal(gated: Gated) -> Iterator[Mortal]:
    """Return it, ready."""
    assert gated.operator is not None
    gated.operator.stop()
    cp, authority = gated.control_plane, gated.authority
    pair = authority.server("operators-proxy", ("127.0.0.1",))
    with Proxy(cp.url, ca_file=cp.ca_file, pair=pair, name=kind_of_operator_call) as proxy:
        operator = gated.another_operator("mortal-operator")
        operator.write_files(gated.settings | {"keepFinished": "2s"})
        through_proxy = copy.copy(cp)
        through_proxy.url, through_proxy.ca_file = proxy.url, authority.pair.certificate
        operator.control_plane = through_proxy
        operator.start()
        yield Mortal(gated, proxy, operator)
        operator.stop()


def told(place: Place, refused: Refusal) -> list[str]:
    """Return the reasons of all Events about an approval, each as often as it was told."""
    items = place.cp.raw("GET", EVENTS.format(namespace=place.namespace))[1]["items"]
    return sorted(item["reason"] for item in items if item["regarding"]["name"] == refused.name)


@WHEN
def test_event_about_a_new_approval(mortal: Mortal, after: bool) -> None:
    place = mortal.place
    with mortal.dies_at("create event", after=after):
        refused = asked(place.ask())
    wait_until(lambda: told(place, refused) == ["ApprovalRequired"], "the request was told, once")


@WHEN
@pytest.mark.parametrize("kind", ["create event", "write status"])
def test_decision(mortal: Mortal, kind: str, after: bool) -> None:
    place = mortal.place
    refused = asked(place.ask())
    wait_until(lambda: told(place, refused) == ["ApprovalRequired"], "the request was told")
    with mortal.dies_at(kind, after=after):
        place.approve(refused)
    approved = becomes(place, refused, "Approved")
    assert told(place, refused) == ["ApprovalRequired", "Approved"]
    assert approved["status"]["requirements"] == [ONE_APPROVAL | {"missing": 0}]
    assert place.ask()[0] == 201


@WHEN
def test_retention(mortal: Mortal, after: bool) -> None:
    place = mortal.place
    refused = asked(place.ask())
    place.approve(refused)
    with mortal.dies_at("delete approval", after=after):
        assert place.ask()[0] == 201
    wait_until(lambda: not place.exists("manifestapprovals", refused.name), "the spent approval was deleted")
    assert asked(place.delete("configmaps", "web")).reason == "ApprovalRequired"


@WHEN
def test_registration_deleted(mortal: Mortal, after: bool) -> None:
    before = read(mortal.gated, VALIDATING)[1]
    with mortal.dies_at("create registration", after=after):
        assert mortal.gated.control_plane.raw("DELETE", VALIDATING)[0] == 200
    wait_until(lambda: is_as_before(mortal.gated, VALIDATING, before), "the registration was there again")


@WHEN
def test_registration_changed(mortal: Mortal, after: bool) -> None:
    before = read(mortal.gated, VALIDATING)[1]
    with mortal.dies_at("replace registration", after=after):
        patch = [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]
        assert mortal.gated.control_plane.raw("PATCH", VALIDATING, patch, headers=JSON_PATCH)[0] == 200
    wait_until(lambda: is_as_before(mortal.gated, VALIDATING, before), "the registration was repaired")
