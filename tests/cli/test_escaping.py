"""Nothing that an agent writes can steer the terminal or hide from who reads it."""

import json
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.printable import quoted, safe
from kubeapprove_cli import diffview, listing, review, screen, yamlview
from kubeapprove_cli.lines import Line
from kubeapprove_cli.state import State, state_of
from tests.cli import approvals
from tests.cli.conftest import NOW

NASTY = "\x00\x07\b\t\n\r\x1b[31m\x7f\x9b\u00ad\u200b\u200e\u202e\u2066\u2028\ufeff\u0336\U000e0041[red]é字\\\"'"
TEXTS = st.text(max_size=12) | st.text(alphabet=NASTY, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me") for c in text)


def assert_harmless(lines: list[Line]) -> None:
    for one in lines:
        assert is_harmless(one.text), ascii(one.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, é and 字", "plain text, é and 字"),
        ("a\x1b[31mb", "a\\u001b[31mb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("strike\u0336", "strike\\u0336"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("blank\u3164", "blank\\u3164"),
        ("no\u00a0break", "no\\u00a0break"),
    ],
    ids=["plain", "escape sequence", "right-to-left", "control", "combining", "tag", "filler", "no-break space"],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_markup_of_the_terminal_library_is_only_text() -> None:
    assert safe("[red]x[/red]") == "[red]x[/red]"


@given(TEXTS)
def test_no_text_keeps_a_control_character(text: str) -> None:
    assert is_harmless(safe(text))
    assert is_harmless(quoted(text))


@given(VALUES)
def test_no_value_keeps_a_control_character(value: Any) -> None:
    assert_harmless(yamlview.render(value))


@given(st.lists(TEXTS, min_size=1, max_size=3), VALUES, VALUES)
def test_no_field_keeps_a_control_character(path: list[str], old: Any, new: Any) -> None:
    assert_harmless(diffview.fields([{"path": [*path, {"name": path[0]}], "from": old, "to": new}]))


@given(TEXTS.filter(bool), TEXTS, TEXTS, VALUES)
def test_no_approval_keeps_a_control_character(claim: str, username: str, command: str, value: Any) -> None:
    documents = [
        approvals.create({"kind": value}, name=username),
        approvals.update({"path": [claim], "to": value}, name=username),
        approvals.delete(options={claim: value}),
        approvals.execute(command, claim, container=username, **{"x" + username: value}),
    ]
    for document in documents:
        raw = approvals.approval(
            document,
            NOW,
            reason=claim,
            requester={"username": username, "groups": [claim]},
            decisions={"a": approvals.decision(at=NOW, reason=claim, by={"username": username})},
            previous={"uid": "u", "outcome": "Denied", "by": [username], "reason": claim},
            revoked={"by": {"username": username}, "at": "2026-01-31T09:00:00Z", "reason": claim},
        )
        approval = state_of(raw, NOW)
        assert approval.document is not None, approval.problem
        assert_harmless(shown(approval))


def shown(approval: State) -> list[Line]:
    return [
        *review.header(approval, NOW),
        *review.body(approval),
        *review.footer(approval, "x"),
        *listing.table([approval], NOW + timedelta(hours=1), wide=True),
    ]


@given(TEXTS)
def test_an_approval_that_cannot_be_read_keeps_no_control_character(text: str) -> None:
    raw = approvals.approval(approvals.delete(), NOW, change=text + "{}", manifestHash="sha256:" + "0" * 64)
    assert_harmless(shown(state_of(raw, NOW)))
    assert_harmless(shown(state_of({"metadata": {"name": text}, text: text}, NOW)))


@given(VALUES)
def test_json_and_yaml_are_ascii_and_read_back(value: Any) -> None:
    import yaml

    as_json, as_yaml = screen.to_json({"x": value}), screen.to_yaml({"x": value})
    assert json.loads(as_json) == {"x": value}
    assert yaml.safe_load(as_yaml) == {"x": value}
    for text in (as_json, as_yaml):
        assert all(" " <= c <= "~" or c == "\n" for c in text), ascii(text)
