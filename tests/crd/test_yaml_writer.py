"""The small YAML writer: whatever it writes plain, a YAML reader takes for the same string."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.blockyaml import to_yaml

KEYS = st.sampled_from(["type", "enum", "required", "x-kubernetes-validations"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("aZ09 :#-'\"\\\n\t{}[],&*!|>%@`~.", max_size=12)
    | st.sampled_from(
        ["yes", "No", "ON", "null", "~", "1e3", "0x1", "1_000", "12:30", "a: b", "- a", "#", " a", ".inf"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, JSON, max_size=3))
def test_what_is_written_reads_back_equal(document: dict[str, Any]) -> None:
    written = to_yaml(document, "models.py")
    assert (yaml.safe_load(written) or {}) == document  # an empty document is None to YAML


@pytest.mark.parametrize("word", ["true", "False", "yes", "No", "on", "OFF", "y", "N", "null"])
def test_a_word_of_yaml_is_quoted(word: str) -> None:
    assert to_yaml({"enum": [word]}, "models.py").endswith(f'- "{word}"\n')
