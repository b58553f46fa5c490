"""What the docs name exists: make targets, links, settings, subcommands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_exist(page: Path) -> None:
    code = "\n".join(_code(page.read_text()))
    targets = set(re.findall(r"(?:^|\(|; )make (?:-s )?([a-z][a-z-]+)\b", code, re.MULTILINE))
    if page.name == "README.md":
        assert targets
    makefile = (ROOT / "Makefile").read_text()
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_subcommands_exist(page: Path) -> None:
    program = Path(sys.executable).parent / "kubectl-approve"
    helped = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    names = set(re.findall(r"kubectl approve ([a-z]+)", "\n".join(_code(page.read_text()))))
    assert {name for name in names if not re.search(rf"\b{name}\b", helped)} == set()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    names = [field.alias or name for name, field in Settings.model_fields.items()]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_reasons_that_an_agent_meets_are_documented() -> None:
    text = (ROOT / "docs" / "agents.md").read_text().partition("Reasons: ")[2]
    named = set(re.findall(r"`([A-Z]\w+)`", text))
    assert named <= {str(reason) for reason in Reason}
    assert {"ApprovalRequired", "ApprovalDenied", "NeverAllowed", "Unavailable"} <= named


def _code(text: str) -> list[str]:
    return re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
