"""What a person reads is the value itself: it can be read back, and no literal can pass for a placeholder."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove_cli import yamlview
from kubeapprove_cli.document import Placeholder
from tests.cli.test_escaping import TEXTS

LINES = st.lists(
    st.sampled_from(["", "a", "  b", "c ", "\td", "- e", "f: g", "#h", "é\u202e", '"', "\\", "|"]), max_size=5
)
STRINGS = (
    TEXTS
    | LINES.map("\n".join)
    | st.sampled_from(
        [
            "yes",
            "No",
            "null",
            "~",
            "0o7",
            "0x1f",
            "1e3",
            "1_000",
            "12:30",
            "2026-01-01",
            "!secret",
            "&a",
            "*a",
            "<<,",
            "=",
            "-",
            "?",
            "|",
            ">",
            "%",
            "@",
            "`",
            ".inf",
            ".NaN",
            "010",
            "+1",
            "100m",
            "2Gi",
            "a:b",
            "a:",
            ":a",
            "on",
            "OFF",
            "y",
            "a#b",
            "#a",
            "{a}",
            "[a]",
            "key:",
        ]
    )
    | st.sampled_from(["a: b", "a #b", "- a", " a", "a ", "!secret 12 bytes", "registry.example/web:1.4", "a  b"])
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=10,
)


def text(value: Any) -> str:
    return "".join(one.text + "\n" for one in yamlview.render(value))


class Loader(yaml.SafeLoader):
    """YAML with placeholders."""


for tag in ("!secret", "!integer", "!cut", "!server"):
    Loader.add_constructor(tag, lambda _, node: (node.tag, node.value))
# A float such as 1e+16 is no float to YAML 1.1 readers; everything else is read by the standard rules.


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, str):
        return float(other) == one
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


@given(VALUES)
def test_it_reads_back_as_the_same_value(value: Any) -> None:
    assert same(value, yaml.load(text(value), Loader=Loader)), text(value)  # noqa: S506 (a SafeLoader)


@given(STRINGS)
def test_no_string_looks_like_a_placeholder(value: str) -> None:
    assert not text(value).startswith("!")
    assert not text({"key": value}).startswith("key: !")


@pytest.mark.parametrize(
    ("placeholder", "shown"),
    [
        (Placeholder("!secret", "12 bytes, hmac 3f2a91…"), "!secret 12 bytes, hmac 3f2a91…"),
        (Placeholder("!integer", "9007199254740993"), "!integer 9007199254740993"),
        (Placeholder("!cut", "9 bytes, begins with", "a\nb"), '!cut 9 bytes, begins with "a\\nb"'),
        (Placeholder("!server", "odd: \x1b"), '!server "odd: \\u001b"'),
    ],
    ids=["secret", "integer", "cut text", "unknown kind"],
)
def test_placeholders_are_tags(placeholder: Placeholder, shown: str) -> None:
    assert text({"a": placeholder}) == f"a: {shown}\n"


def test_null_and_the_word_null_differ() -> None:
    assert text({"a": None, "b": "null"}) == 'a: null\nb: "null"\n'


def test_names_come_first_and_the_kind_before_everything() -> None:
    shown = text({"spec": {"image": "a", "name": "b"}, "metadata": {}, "kind": "K", "apiVersion": "v1"})
    assert shown == "apiVersion: v1\nkind: K\nmetadata: {}\nspec:\n  name: b\n  image: a\n"


def test_texts_of_several_lines_are_blocks() -> None:
    assert text({"a": "one\ntwo\n", "b": "one\ntwo", "c": "one\n\n"}) == (
        "a: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\n"
    ).replace("\n\n", "\n  \n")


def test_a_text_with_something_invisible_is_quoted_line_by_line() -> None:
    assert text({"a": "one\n\ttwo\n three"}) == 'a: "\\\n  one\\n\\\n  \\ttwo\\n\\\n  \\ three"\n'


def test_lists_in_lists() -> None:
    assert text([["a", []], [{}, {"b": ["c"]}]]) == "- - a\n  - []\n- - {}\n  - b:\n    - c\n"
