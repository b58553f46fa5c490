"""A kubectl that the tests write, and the program run against it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kubeapprove_cli.main import main
from tests.cli import fake_kubectl

NOW = datetime(2026, 1, 31, 9, 0, 0, tzinfo=UTC)
COLLECTION = "/apis/kubeapprove.io/v1alpha1"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class FakeCluster:
    """What the fake kubectl answers, and what it was asked. Answers are read from files at every call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binary = folder / "kubectl"
        source = Path(fake_kubectl.__file__).read_text()
        self.binary.write_text(f"#!{sys.executable} -S\n{source}")
        self.binary.chmod(0o755)
        self.answers: dict[str, Any] = {}
        self.namespace("shop")

    def answer(self, request: str, *, out: str = "", err: str = "", code: int | str = 0) -> None:
        """Answer a request (`GET /path`, `WATCH`, `PATCH`, `CREATE`, `APPLY`, `CONFIG`); several answers follow each other."""
        self.answers.setdefault(request, []).append({"out": out, "err": err, "code": code})
        (self.folder / "answers.json").write_text(json.dumps(self.answers))

    def namespace(self, name: str) -> None:
        self.answer("CONFIG", out=name)

    def hold(self, *approvals: dict[str, Any]) -> None:
        """Serve approvals by name, and in lists of their namespace and of the cluster."""
        lists: dict[str, list[Any]] = {f"{COLLECTION}/manifestapprovals": list(approvals)}
        for one in approvals:
            metadata = one["metadata"]
            collection = f"{COLLECTION}/namespaces/{metadata['namespace']}/manifestapprovals"
            self.answer(f"GET {collection}/{metadata['name']}", out=json.dumps(one))
            lists.setdefault(collection, []).append(one)
        for path, items in lists.items():
            bare = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
            self.answer(f"GET {path}?limit=200", out=json.dumps({"items": bare, "metadata": {}}))

    @property
    def calls(self) -> list[list[str]]:
        """Every command line so far, without the binary."""
        log = self.folder / "calls.jsonl"
        return [json.loads(row) for row in log.read_text().splitlines()] if log.exists() else []

    @property
    def patches(self) -> list[dict[str, Any]]:
        """What was patched so far."""
        given = [part for call in self.calls for part in call if part.startswith("--patch=")]
        return [json.loads(part.removeprefix("--patch=")) for part in given]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Make the fake kubectl the user's own."""
    fake = FakeCluster(tmp_path)
    monkeypatch.setenv("KUBECTL", str(fake.binary))
    return fake


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process."""

    def run_(*args: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(list(args))
        code = ended.value.code
        captured = capsys.readouterr()
        return Result(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run_
