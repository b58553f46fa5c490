"""The report on recorded reviews, and the command that prints it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.judge.recorded import check, read

ASSETS = Path(__file__).parents[1] / "assets" / "reviews"
ASSORTED = (
    "002-validating-CREATE-services",
    "008-validating-CREATE-jobs",
    "016-validating-UPDATE-configmaps",
    "024-validating-UPDATE-deployments.scale",
    "034-validating-DELETE-pods",
)


def review(name: str) -> dict[str, Any]:
    request = json.loads((ASSETS / f"{name}.json").read_text())
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a review in a file of its own, a bare request, and the others a line each."""
    first, second, *others = map(review, ASSORTED)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "first.json").write_text(json.dumps(first))
    (tmp_path / "second.json").write_text(json.dumps(second["request"]))
    (tmp_path / "others.jsonl").write_text("".join(json.dumps(other) + "\n" for other in others))
    return tmp_path


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.judge", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_an_assorted_set() -> None:
    report = check(map(review, ASSORTED))
    assert str(report) == "5 reviews of 5 kinds: core and the judge agree"
    assert report.operations == {"CREATE", "UPDATE", "DELETE"}
    assert report.kinds == {"core/services", "batch/jobs", "core/configmaps", "apps/deployments/scale", "core/pods"}


def test_every_difference_is_said_with_its_review() -> None:
    report = check(map(review, ASSORTED[:2]), compare=lambda raw: ["one", "two"] if raw["name"] == "j1" else [])
    heading, *differences = str(report).splitlines()
    assert heading == "2 reviews of 2 kinds: core and the judge differ"
    said = f"review 1, CREATE batch/jobs, {review(ASSORTED[1])['request']['uid']}"
    assert differences == [f"{said}: one", f"{said}: two"]


def test_what_core_does_not_read_is_counted() -> None:
    request = review(ASSORTED[0])["request"]
    report = check([request, {**request, "object": "no object"}])
    assert str(report) == "2 reviews of 1 kinds (1 unreadable): core and the judge agree"


def test_a_folder_of_reviews_in_any_form(folder: Path) -> None:
    assert str(check(read(folder))) == str(check(map(review, ASSORTED)))


def test_the_command(folder: Path) -> None:
    done = command(folder)
    assert (done.returncode, done.stdout) == (0, "5 reviews of 5 kinds: core and the judge agree\n")


@pytest.mark.parametrize("arguments", [[], ["no-such-folder"], ["a", "b"]], ids=["none", "no folder", "two"])
def test_the_command_wants_one_folder(arguments: list[str]) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m tests.judge FOLDER" in done.stderr


def test_an_empty_folder_proves_nothing(tmp_path: Path) -> None:
    assert command(tmp_path).returncode == 2
