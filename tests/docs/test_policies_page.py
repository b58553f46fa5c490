"""docs/policies.md: its reference is the models', and each piece of a policy on the page can be used."""

import re

import pytest
import yaml

from kubeapprove import cel, policies
from kubeapprove.policycheck import MAX_TOTAL_AGENTS, read_policy
from kubeapprove.settings import read_settings
from tests.docs import policy_reference

TEXT = policy_reference.PAGE.read_text()
PIECES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_reference_is_generated() -> None:
    assert policy_reference.written(TEXT) == policy_reference.reference(), "run python -m tests.docs.policy_reference"


def test_it_can_be_written_again() -> None:
    stale = TEXT.replace(policy_reference.reference(), "| stale |\n")
    assert stale != TEXT
    assert policy_reference.renewed(stale) == TEXT


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.splitlines()[0])
def test_pieces_of_policies_can_be_used(piece: str) -> None:
    spec = yaml.safe_load(piece)
    raw = {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ApprovalPolicy",
        "metadata": {"name": "page"},
        "spec": {"agents": [{"kind": "Group", "name": "agents"}]} | spec,
    }
    assert read_policy(raw, read_settings(None)).problem == ""


def test_the_bounds_it_tells_are_those() -> None:
    assert f"At most {cel.MAX_EXPRESSION:,} characters" in TEXT
    assert f"longer than {cel.MAX_NANOSECONDS // 1_000_000} ms" in TEXT
    assert f"more than {MAX_TOTAL_AGENTS} agents in all policies together" in TEXT
    assert policies.MAX_AGENTS == MAX_TOTAL_AGENTS
