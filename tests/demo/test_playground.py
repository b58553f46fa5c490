"""`make playground` as scripts use it: the last line is a folder, and all they need is in it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.processes import Mark
from e2e.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.stories]

ROOT = Path(__file__).parents[2]
PEOPLE = ("admin", "agent", "agent2", "alice", "bob", "carol")


def _playground(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "e2e.playground", *args]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    state = tmp_path_factory.mktemp("playground") / "a folder"
    try:
        done = _playground("up", "--state", str(state))
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{state}\n"
        yield state
    finally:
        _playground("down", "--state", str(state))


def _as(who: str, folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f'PATH="$dir:$PATH" KUBECONFIG="$dir/{who}.kubeconfig" {command}'],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent), "dir": str(folder)},
    )


def _process(folder: Path, name: str) -> Mark:
    record = json.loads((folder / "cluster" / "processes.json").read_text())
    return Mark(**record[name])


def _webhook(folder: Path) -> Mark:
    return _process(folder, "kubeapprove-webhook")


def test_folder_holds_programs_and_people(folder: Path) -> None:
    names = {"kubectl", "kubectl-approve", *(f"{who}.kubeconfig" for who in PEOPLE)}
    assert names <= {path.name for path in folder.iterdir()}
    for who in PEOPLE:
        assert (folder / f"{who}.kubeconfig").stat().st_mode & 0o077 == 0


def test_a_policy_is_there_for_people_to_change(folder: Path) -> None:
    shown = _as("admin", folder, "kubectl get ap agents -o jsonpath='{.spec.agents[*].name}'")
    assert (shown.stdout, shown.stderr) == ("agents", "")


def test_change_through_the_links(folder: Path) -> None:
    create = "kubectl create configmap greeting --from-literal=text=hello"
    assert "approval required" in _as("agent", folder, create).stderr
    listed = _as("alice", folder, "kubectl approve list")
    assert (listed.returncode, "create-configmaps-greeting" in listed.stdout) == (0, True), listed.stderr
    refused = _as("carol", folder, "kubectl approve yes create-configmaps-greeting -y -m mine")
    assert refused.returncode == 1, refused.stdout
    approved = _as("bob", folder, "kubectl approve yes create-configmaps-greeting -y -m fine")
    assert approved.returncode == 0, approved.stderr
    assert _as("agent", folder, create).stdout == "configmap/greeting created\n"


def test_second_up_says_so_and_prints_the_same(folder: Path) -> None:
    before = _webhook(folder)
    done = _playground("up", "--state", str(folder))
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    assert "already running" in done.stderr
    assert _webhook(folder) == before


def test_up_repairs_a_killed_webhook_and_keeps_what_is_stored(folder: Path) -> None:
    assert _as("admin", folder, "kubectl create configmap kept").returncode == 0
    dead = _webhook(folder)
    os.kill(dead.pid, signal.SIGKILL)
    wait_until(lambda: not dead.alive(), "the webhook was gone")
    assert "failed calling webhook" in _as("agent", folder, "kubectl delete configmap kept").stderr
    done = _playground("up", "--state", str(folder))
    assert (done.returncode, done.stdout) == (0, f"{folder}\n"), done.stderr
    assert "starting it again" in done.stderr
    assert _webhook(folder).alive()
    assert "approval required" in _as("agent", folder, "kubectl delete configmap kept").stderr


def test_up_repairs_a_killed_operator(folder: Path) -> None:
    dead = _process(folder, "kubeapprove-operator")
    os.kill(dead.pid, signal.SIGKILL)
    wait_until(lambda: not dead.alive(), "the operator was gone")
    done = _playground("up", "--state", str(folder))
    assert (done.returncode, done.stdout) == (0, f"{folder}\n"), done.stderr
    assert "kubeapprove-operator had ended: starting it again" in done.stderr
    assert _process(folder, "kubeapprove-operator").alive()
    approved = _as("admin", folder, "kubectl get ma --all-namespaces")
    assert "Consumed" in approved.stdout


def test_down_ends_all_of_it_twice(folder: Path) -> None:
    record = json.loads((folder / "cluster" / "processes.json").read_text())
    assert len(record) == 6
    done = _playground("down", "--state", str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "stopped\n")
    assert not any(Mark(**mark).alive() for mark in record.values())
    assert list(folder.iterdir()) == []
    again = _playground("down", "--state", str(folder))
    assert (again.returncode, again.stderr) == (0, "no playground is running there\n")


def test_folder_that_somebody_keeps_files_in_stays_a_playground(tmp_path: Path) -> None:
    left = {".playground.lock", "notes.yaml"}
    for name in left:
        (tmp_path / name).touch()
    assert _playground("down", "--state", str(tmp_path)).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == left


def test_folder_that_cannot_be_written_is_one_sentence() -> None:
    done = _playground("up", "--state", "/proc/nowhere")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "name another one with STATE=folder" in done.stderr


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kubectl").write_text("mine")
    done = _playground("up", "--state", str(tmp_path))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "holds other files" in done.stderr
    assert _playground("down", "--state", str(tmp_path)).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["kubectl"]
