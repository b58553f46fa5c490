"""Every ready-made policy is valid as it stands, says what it does and does not, and is named on the page about policies."""

import json
from pathlib import Path

import pytest

from kubeapprove.policies import ApprovalPolicy
from tests.policies import scenes

FILES = sorted((scenes.ROOT / "docs" / "policies").iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_valid_and_named_as_its_file(path: Path) -> None:
    assert scenes.ready_made(path.stem).name == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_begins_with_what_it_does_and_what_it_does_not(path: Path) -> None:
    comment = path.read_text().partition("apiVersion:")[0].splitlines()
    assert all(line.startswith("#") for line in comment)
    assert "# It does:     " in "\n".join(comment)
    assert "# It does not: " in "\n".join(comment)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_models_lose_nothing_of_it(path: Path) -> None:
    written = scenes.load(path.stem)
    read = ApprovalPolicy.parse(written).to_json()
    lost = [value for value in _leaves(written["spec"]) if value not in _leaves(read["spec"])]
    assert [value for value in lost if not str(value).startswith("20")] == []  # moments have several notations


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_page_names_it(path: Path) -> None:
    assert f"(policies/{path.name})" in (scenes.ROOT / "docs" / "policies.md").read_text()


def test_there_are_seven() -> None:
    assert {path.stem for path in FILES} == {
        "start-here", "watch-first", "small-changes-pass", "production-needs-two", "never", "ci-agent", "on-call-agent",
    }  # fmt: skip


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [json.dumps(value) if isinstance(value, float) else value]
