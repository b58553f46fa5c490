"""`kubectl get ma -w`, `kubectl wait` and Events tell the whole life of an approval without a command of ours."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import Place, asked
from tests.operator.seen import becomes, events

pytestmark = pytest.mark.cluster


@contextmanager
def watching(place: Place, folder: Path) -> Iterator[Path]:
    """Let alice run `kubectl get ma -w`; yields the file with what it printed."""
    output = folder / "watch"
    command = [str(place.cp.kubectl_binary), "-n", place.namespace, "get", "ma", "-w"]
    with output.open("w") as out, subprocess.Popen(command, env=place.cp.environment("alice"), stdout=out) as process:
        try:
            yield output
        finally:
            process.terminate()


def test_asked_approved_used(place: Place, tmp_path: Path) -> None:
    with watching(place, tmp_path) as output:
        refused = asked(place.ask())
        wait_until(lambda: "Pending" in output.read_text(), "the watch showed it as Pending")
        place.approve(refused)
        wait_until(lambda: "Approved" in output.read_text(), "the watch showed it as Approved")
        assert place.ask()[0] == 201
        wait_until(lambda: "Consumed" in output.read_text(), "the watch showed it as Consumed")
        lines = output.read_text().splitlines()
    assert lines[0].split() == ["NAME", "PHASE", "OPERATION", "RESOURCE", "OBJECT", "REQUESTER", "AGE"]
    seen = [line.split()[1:6] for line in lines[1:]]
    assert [row[0] for row in seen] == sorted((row[0] for row in seen), key=["Pending", "Approved", "Consumed"].index)
    assert {tuple(row[1:]) for row in seen} == {("CREATE", "configmaps", "web", "agent:bot")}


def test_events_tell_who_did_what(place: Place) -> None:
    refused = asked(place.ask())
    becomes_told = f"agent:bot asks for CREATE configmaps web; a person decides until {{}}: kubectl approve review -n {place.namespace} {refused.name}"
    wait_until(lambda: "ApprovalRequired" in events(place, refused), "the request was told")
    until = str(place.approval(refused)["spec"]["pendingUntil"])[:19] + "Z"
    assert events(place, refused)["ApprovalRequired"] == becomes_told.format(until)
    place.approve(refused)
    becomes(place, refused, "Approved")
    assert place.ask()[0] == 201
    becomes(place, refused, "Consumed")
    told = events(place, refused)
    assert set(told) == {"ApprovalRequired", "Approved", "Consumed"}
    assert told["Approved"].startswith("alice approved it; agent:bot may use it once until 20")
    assert told["Consumed"].startswith("agent:bot used it (request ")


def test_describe_shows_the_events(place: Place) -> None:
    refused = asked(place.ask())
    wait_until(lambda: "ApprovalRequired" in events(place, refused), "the request was told")
    done = place.kubectl("describe", "ma", refused.name, as_="admin", check=True)
    assert "ApprovalRequired" in done.stdout.rpartition("Events:")[2]


def test_kubectl_wait(place: Place) -> None:
    refused = asked(place.ask())
    place.approve(refused)
    done = place.kubectl("wait", "ma", refused.name, "--for=condition=Usable", "--timeout=20s", as_="alice")
    assert (done.returncode, done.stdout) == (0, f"manifestapproval.kubeapprove.io/{refused.name} condition met\n")


def test_denied(place: Place) -> None:
    refused = asked(place.ask())
    assert place.decide(refused, verdict="Denied", reason="not today")[0] == 200
    becomes(place, refused, "Denied")
    assert events(place, refused)["Denied"] == "alice denied it: not today"


def test_revoked(place: Place) -> None:
    refused = asked(place.ask())
    place.approve(refused)
    becomes(place, refused, "Approved")
    status, answer = place.patch_approval(refused, {"spec": {"revoked": {"reason": "changed my mind"}}})
    assert status == 200, answer
    becomes(place, refused, "Revoked")
    assert events(place, refused)["Revoked"] == "alice revoked it: changed my mind"


def test_of_an_object_without_a_namespace(place: Place) -> None:
    body = {"metadata": {"name": f"of-{place.namespace}"}}
    refused = asked(place.cp.raw("POST", "/api/v1/namespaces", body, as_="agent"))
    assert refused.namespace == "kubeapprove-approvals"
    place.approve(refused)
    becomes(place, refused, "Approved")
    assert "Approved" in events(place, refused)
