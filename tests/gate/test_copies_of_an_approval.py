"""An approval that was copied, renamed, made anew or restored from a backup lets nothing through.

Only the gate creates approvals; who may write everything in the cluster is refused like anybody else.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, Refusal, asked, refusal

pytestmark = pytest.mark.cluster
Object = dict[str, Any]
_OF_ONE_OBJECT = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")


def approved(place: Place) -> tuple[Refusal, Object]:
    """Have a change approved; return the approval as a backup holds it."""
    waiting = asked(place.ask())
    place.approve(waiting)
    backup = copy.deepcopy(place.approval(waiting))
    for key in _OF_ONE_OBJECT:
        backup["metadata"].pop(key, None)
    return waiting, backup


def undecided(document: Object) -> Object:
    """Return it without its decisions."""
    return {**document, "spec": {key: value for key, value in document["spec"].items() if key != "decisions"}}


def create(place: Place, document: Object, as_: str) -> None:
    """Try to create it, decided and not: nobody may."""
    status, answer = place.create("manifestapprovals", document, as_=as_)
    assert status in {403, 422}, answer
    refused = refusal(place.create("manifestapprovals", undecided(document), as_=as_))
    assert refused.reason in {"NotADecision", *NO_WRITE_OF_AGENTS}
    if as_ == "admin":
        assert "approvals are created by the gate alone" in refused.message


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_in_another_namespace(place: Place, shared_place: Place, who: str) -> None:
    _, backup = approved(place)
    backup["metadata"]["namespace"] = shared_place.namespace
    create(shared_place, backup, who)
    again = asked(shared_place.ask())
    assert "decisions" not in shared_place.approval(again)["spec"]
    assert not shared_place.exists("configmaps", "web")


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_under_another_name(place: Place, who: str) -> None:
    waiting, backup = approved(place)
    backup["metadata"]["name"] = "mine"
    create(place, backup, who)
    assert [item["metadata"]["name"] for item in place.items("manifestapprovals")] == [waiting.name]


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_created_again_after_it_was_deleted(place: Place, who: str) -> None:
    waiting, backup = approved(place)
    assert place.delete("manifestapprovals", waiting.name, as_="admin")[0] == 200
    create(place, backup, who)
    is_asked_anew(place, waiting)


def is_asked_anew(place: Place, waiting: Refusal) -> None:
    again = asked(place.ask())
    assert (again.reason, again.approval) == ("ApprovalRequired", waiting.approval)
    assert "decisions" not in place.approval(again)["spec"]
    assert not place.exists("configmaps", "web")


RESTORES: dict[str, Callable[[Place, str], int]] = {
    "apply": lambda place, text: place.kubectl("apply", "-f", "-", as_="admin", input=text).returncode,
    "server-side apply": lambda place, text: (
        place.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", as_="admin", input=text).returncode
    ),
    "create": lambda place, text: place.kubectl("create", "-f", "-", as_="admin", input=text).returncode,
    "replace": lambda place, text: place.kubectl("replace", "--force", "-f", "-", as_="admin", input=text).returncode,
}


@pytest.mark.parametrize("restore", RESTORES.values(), ids=RESTORES.keys())
def test_restored_from_a_backup_of_the_yaml(place: Place, restore: Callable[[Place, str], int]) -> None:
    waiting, backup = approved(place)
    assert place.delete("manifestapprovals", waiting.name, as_="admin")[0] == 200
    for document in (backup, undecided(backup)):
        assert restore(place, json.dumps(document)) == 1
    is_asked_anew(place, waiting)
    # Onto the next approval of that name: its decisions are for another uid.
    assert restore(place, json.dumps(backup)) == 1
    assert asked(place.ask()).approval == waiting.approval
    assert not place.exists("configmaps", "web")
