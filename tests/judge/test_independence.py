"""The judge imports nothing of what it judges."""

import ast
from pathlib import Path

import pytest

TEXT = Path(__file__).parent / "text"
ALLOWED = ("rfc8785", "tests.judge.text")
STANDARD = {"base64", "collections.abc", "copy", "dataclasses", "hashlib", "hmac", "json", "re", "typing"}


def imported(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"__import__", "import_module"}:
            found.add(ast.unparse(node))
    return found


@pytest.mark.parametrize("module", sorted(TEXT.glob("*.py")), ids=lambda path: path.name)
def test_imports_nothing_of_the_project(module: Path) -> None:
    foreign = {name for name in imported(module.read_text()) if not name.startswith(ALLOWED)}
    assert foreign <= STANDARD


def test_an_import_of_core_would_be_seen() -> None:
    source = "import kubeapprove.change\ndef f():\n    from kubeapprove import fields\n    __import__('kubeapprove')"
    assert imported(source) == {"kubeapprove.change", "kubeapprove", "__import__('kubeapprove')"}
