"""The stamp writes who, with which groups and when into what is new, over whatever a client put there."""

from datetime import timedelta, timezone

import pytest

from kubeapprove.identity import UserInfo
from kubeapprove.resources import Decision, Revoked
from kubeapprove.stamping import stamp
from tests.deciding.writes import ENTRY, deciding, with_spec, write
from tests.verdict.scenes import ALICE, BOB, NOW, decision, patched, raw_approval, revoked

FRESH = raw_approval()
ALICES = {"username": "alice", "uid": "u-alice", "extra": {"from": ["oidc"]}}
AT = "2026-01-31T09:00:00.000000Z"


def test_a_decision() -> None:
    new = deciding(FRESH, ENTRY)
    stamped = patched(new, stamp(write(FRESH, new), NOW))["spec"]["decisions"]["new-0"]
    assert stamped == {**ENTRY, "by": ALICES, "groups": ["approvers", "system:authenticated"], "at": AT}
    assert Decision.parse(stamped).at == NOW


PRETENDED = {
    "somebody else's decision": decision(BOB, NOW - timedelta(days=1)),
    "parts of the wrong type": {**ENTRY, "by": "bob", "groups": None, "at": 0},
    "more in by than there is": {**ENTRY, "by": {"username": "bob", "admin": True}},
}


@pytest.mark.parametrize("name", PRETENDED)
def test_overwrites_what_a_client_pretends(name: str) -> None:
    new = deciding(FRESH, PRETENDED[name])
    stamped = patched(new, stamp(write(FRESH, new), NOW))["spec"]["decisions"]["new-0"]
    assert (stamped["by"], stamped["groups"], stamped["at"]) == (ALICES, list(ALICE.groups), AT)
    assert stamped["reason"] == "read it"


def test_every_new_entry() -> None:
    new = deciding(FRESH, ENTRY, ENTRY)
    stamped = patched(new, stamp(write(FRESH, new), NOW))["spec"]["decisions"]
    assert [entry["by"] for entry in stamped.values()] == [ALICES, ALICES]


@pytest.mark.parametrize("key", ["a/b", "a~b", "~1", "/", "", "a.b", "ünicode", "a/b~c/~0"])
def test_odd_ids_are_escaped(key: str) -> None:
    new = with_spec(FRESH, decisions={key: ENTRY})
    stamped = patched(new, stamp(write(FRESH, new), NOW))
    assert stamped["spec"]["decisions"][key]["by"] == ALICES
    assert list(stamped["spec"]["decisions"]) == [key]


def test_a_user_with_nothing_but_a_name() -> None:
    new = deciding(FRESH, ENTRY)
    stamped = patched(new, stamp(write(FRESH, new, UserInfo("carol")), NOW))["spec"]["decisions"]["new-0"]
    assert (stamped["by"], stamped["groups"]) == ({"username": "carol", "uid": "", "extra": {}}, [])


def test_the_moment_is_written_in_utc() -> None:
    new = deciding(FRESH, ENTRY)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert {"op": "add", "path": "/spec/decisions/new-0/at", "value": AT} in stamp(write(FRESH, new), elsewhere)


@pytest.mark.parametrize(
    "sent", [{"reason": "wrong one"}, {**revoked(BOB), "reason": "wrong one"}], ids=["bare", "pretended"]
)
def test_a_revocation(sent: dict[str, str]) -> None:
    new = with_spec(FRESH, revoked=sent)
    stamped = patched(new, stamp(write(FRESH, new), NOW))["spec"]["revoked"]
    assert stamped == {"reason": "wrong one", "by": ALICES, "at": AT}
    assert Revoked.parse(stamped).at == NOW
