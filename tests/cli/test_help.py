"""docs/cli.md shows what --help says; the flags stand before a command or behind it."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import FakeCluster, Run

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = ("list", "review", "yes", "no", "revoke", "acknowledge", "reason", "wait", "policy test")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_page_shows_the_help(command: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    args = [*command.split(), "--help"]
    shown = re.search(
        rf"^```console\n\$ kubectl approve {' '.join(args)}\n(.*?)^```$", DOCS.read_text(), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    assert shown[1] == run(*args).out


def test_every_command_has_an_example() -> None:
    page = DOCS.read_text()
    for command in COMMANDS:
        assert re.search(rf"^\$ kubectl approve {command} (?!--help)", page, re.MULTILINE), command


def test_the_version(run: Run) -> None:
    assert re.fullmatch(r"kubectl-approve \d+\.\d+\.\d+\S*\n", run("--version").out)


def test_without_a_command(run: Run) -> None:
    result = run()
    assert result.code == 2
    assert "Missing command" in result.err


@pytest.mark.parametrize(
    "args",
    [
        ["--context", "prod", "-n", "far", "--insecure-skip-tls-verify", "list"],
        ["list", "--context=prod", "-n=far", "--insecure-skip-tls-verify"],
        ["-n", "near", "--context", "prod", "list", "--namespace", "far", "--insecure-skip-tls-verify"],
    ],
    ids=["before", "behind", "both"],
)
def test_flags_of_kubectl(args: list[str], cluster: FakeCluster, run: Run) -> None:
    run(*args)
    path = "/apis/kubeapprove.io/v1alpha1/namespaces/far/manifestapprovals?limit=200"
    assert cluster.calls == [["--context=prod", "--insecure-skip-tls-verify", "get", "--raw", path]]


def test_equals_signs_as_kubectl_reads_them(cluster: FakeCluster, run: Run) -> None:
    cluster.answer("GET /apis/kubeapprove.io/v1alpha1/namespaces/far/manifestapprovals?limit=200", out="{}")
    assert '"items": []' in run("list", "-n=far", "-o=json").out
    assert run("review", "--", "-n=far").code == 2
