"""A policy that a page shows can be used as it stands, and the README's is the one that the demo tells of."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kubeapprove.policycheck import read_policy
from kubeapprove.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```yaml\n(.*?)^```$|<<'EOF'\n(.*?)^EOF$", re.MULTILINE | re.DOTALL)


def test_every_policy_in_the_docs_can_be_used() -> None:
    shown = [(page, policy) for page in PAGES for policy in _policies(page)]
    assert {"README.md", "walkthrough.md"} <= {page.name for page, _ in shown}
    assert [
        (page.name, problem) for page, policy in shown if (problem := read_policy(policy, Settings()).problem)
    ] == []


def test_the_readme_tells_of_the_policy_of_the_demo() -> None:
    (shown,) = _policies(ROOT / "README.md")
    assert shown == yaml.safe_load((ROOT / "e2e" / "demo" / "policy.yaml").read_text())


def _policies(page: Path) -> Iterator[dict[str, Any]]:
    for match in BLOCK.finditer(page.read_text()):
        text = match[1] or match[2]
        if re.search(r"^kind: ApprovalPolicy$", text, re.MULTILINE):
            yield from yaml.safe_load_all(text)
