"""C031: names become escaped literals; whatever they hold, they stay one literal and mean themselves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.registration import cel_literal

CASES = {
    "plain": ("ai-agents", '"ai-agents"'),
    "an ARN": ("arn:aws:iam::1:role/a_b+c=d@e.f", '"arn:aws:iam::1:role/a_b+c=d@e.f"'),
    "empty": ("", '""'),
    "double quotes": ('a" || true || "', '"a\\u0022 \\u007c\\u007c true \\u007c\\u007c \\u0022"'),
    "single quotes": ("o'brien", '"o\\u0027brien"'),
    "a backslash": ("corp\\agent", '"corp\\u005cagent"'),
    "an escape of its own": ("\\u0022", '"\\u005cu0022"'),
    "newlines": ("a\r\nb", '"a\\u000d\\u000ab"'),
    "NUL": ("\0", '"\\u0000"'),
    "unicode": ("agént", '"ag\\u00e9nt"'),
    "a digit that is not ASCII": ("\u0663", '"\\u0663"'),
    "beyond sixteen bits": ("\U0001f916", '"\\U0001f916"'),
    "the other line ends": ("\u2028", '"\\u2028"'),
}


@pytest.mark.parametrize("name", CASES)
def test_escaped(name: str) -> None:
    text, literal = CASES[name]
    assert cel_literal(text) == literal


@given(st.text())
def test_means_what_it_was_made_from(text: str) -> None:
    r"""Source: the CEL language definition, string values: \uXXXX and \UXXXXXXXX are code points."""
    literal = cel_literal(text)
    inner = re.fullmatch(r'"((?:[A-Za-z0-9 _.:/@+=-]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*)"', literal)
    assert inner is not None
    escape = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
    assert escape.sub(lambda match: chr(int(match[1] or match[2], 16)), inner[1]) == text
