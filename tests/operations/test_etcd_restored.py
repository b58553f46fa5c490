"""etcd is restored: what was used since goes through once more, and what people stopped since, the runbook stops again.

Our servers go on all the while: what they remember is the later past.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.gated.server import Server
from e2e.waiting import wait_until
from tests.gate.asking import Answer, Place, Refusal, asked, refusal
from tests.gate.samples import config_map
from tests.operations.runbook import Installed

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


def ask(place: Place, name: str) -> Answer:
    return place.create("configmaps", config_map(name))


def reason(place: Place, name: str) -> str:
    return refusal(ask(place, name)).reason


def approved(place: Place, name: str) -> Refusal:
    waiting = asked(ask(place, name))
    place.approve(waiting)
    return waiting


@dataclass(frozen=True)
class Past:
    """What the snapshot holds, by what becomes of it: used, revoked, approved and used later; denied, spent by then."""

    used: Refusal
    revoked: Refusal
    pending: Refusal
    denied: Refusal
    broken: Refusal

    @classmethod
    def make(cls, place: Place) -> "Past":
        """Bring it about."""
        denied, broken = asked(ask(place, "denied")), asked(ask(place, "broken"))
        assert place.decide(denied, verdict="Denied", reason="never")[0] == 200
        place.cp.identity("zoe", ["breakers"])
        assert place.decide(broken, as_="zoe", reason="the shop is down", breakGlass=True)[0] == 200
        assert ask(place, "broken")[0] == 201
        return cls(approved(place, "used"), approved(place, "revoked"), asked(ask(place, "pending")), denied, broken)


def restore(place: Place, snapshot: Path) -> None:
    """Put the copy in the place of etcd's folder."""

    def put_back(folder: Path) -> None:
        shutil.rmtree(folder)
        shutil.copytree(snapshot, folder)

    place.cp.restart_store(put_back)


def take(place: Place, snapshot: Path) -> None:
    """Copy etcd's folder while it is stopped."""

    def copy(folder: Path) -> None:
        shutil.copytree(folder, snapshot)

    place.cp.restart_store(copy)


def goes_on(place: Place, past: Past) -> None:
    """What happens after the snapshot, and is forgotten."""
    assert ask(place, "used")[0] == 201
    assert place.patch_approval(past.revoked, {"spec": {"revoked": {"reason": "no more"}}})[0] == 200
    place.approve(past.pending)
    assert ask(place, "pending")[0] == 201
    approved(place, "later")


def is_as_it_was(place: Place, past: Past) -> None:
    """Nothing passes but what was approved then, and that once."""
    assert not place.exists("configmaps", "used")
    assert not place.exists("configmaps", "pending")
    assert "revoked" not in place.approval(past.revoked)["spec"]  # usable: what the runbook's commands are for
    assert ask(place, "used")[0] == 201
    assert place.delete("configmaps", "used", as_="admin")[0] == 200
    assert reason(place, "used") == "ApprovalRequired"
    assert reason(place, "pending") == "ApprovalPending"
    assert reason(place, "later") == "ApprovalRequired"
    stands(place, past)


def stands(place: Place, past: Past) -> None:
    """Denials hold, and broken glass is owed its review."""
    assert reason(place, "denied") == "ApprovalDenied"
    assert place.approval(past.broken)["status"]["phase"] == "Consumed"
    owed = place.cp.kubectl("approve", "list", "--owed", "-A")
    assert past.broken.name in owed.stdout


def ready(installation: Installed) -> None:
    def is_ready(server: Server) -> bool:
        return server.health("/readyz") == 200

    wait_until(lambda: all(map(is_ready, installation.gated.servers)), "our servers were ready", 30)


def test_what_is_true_and_what_the_runbook_makes_of_it(installation: Installed, place: Place, tmp_path: Path) -> None:
    installation.type("Backup and restore")
    past = Past.make(place)
    take(place, tmp_path / "snapshot")
    ready(installation)
    goes_on(place, past)
    restore(place, tmp_path / "snapshot")
    ready(installation)
    is_as_it_was(place, past)

    answers: list[Answer] = []
    installation.type("etcd was restored", lambda: answers.append(ask(place, "revoked")))
    ready(installation)
    answers.append(ask(place, "revoked"))
    assert {status for status, _ in answers} <= {403, 500}, answers
    assert not place.exists("configmaps", "revoked")
    stands(place, past)
    place.approve(asked(ask(place, "revoked")))
    assert ask(place, "revoked")[0] == 201
