"""Manifests are read as kubectl reads them: every document, lists taken apart, nothing turned into another type."""

import io
import sys
from pathlib import Path

import pytest

from kubeapprove_cli.errors import UsageError
from kubeapprove_cli.manifests import read_objects


def test_documents_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(
        "---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
        "---\n"
        "# nothing\n"
        "---\n"
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"
        "- {apiVersion: v1, kind: ConfigMap}\n"
    )
    assert [one["metadata"].get("name") for one in read_objects(str(path))] == ["a", "b", None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01", "2026-01-01"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("8080", 8080),
        ("-1", -1),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ('"8080"', "8080"),
    ],
)
def test_values(text: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"apiVersion: v1\nkind: ConfigMap\ndata: {{key: {text}}}\n"))
    assert read_objects("-")[0]["data"] == {"key": value}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"a: [", "is not YAML at line 1"),
        (b"apiVersion: v1\nkind: A\nkind: B\n", "is not YAML at line 1: a key is there twice"),
        (b"a: !!python/object:os.system {}", "is not YAML at line 1"),
        (b"\xff", "is not text in UTF-8"),
        (b"", "holds no object"),
        (b"hello", "holds a document without apiVersion and kind"),
        (b"apiVersion: v1\nkind: List\nitems: [7]\n", "holds a document without apiVersion and kind"),
        (b"apiVersion: v1\nkind: A\nmetadata: 7\n", "holds a A whose metadata is no object"),
        (b"[" * 5000, "holds a value that YAML cannot read"),
    ],
    ids=["broken", "a key twice", "a tag", "no text", "empty", "a string", "a number in a list", "metadata", "deep"],
)
def test_what_is_wrong_with_a_file(text: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(text)
    with pytest.raises(UsageError) as told:
        read_objects(str(path))
    assert sentence in told.value.sentence
